using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Text.RegularExpressions;
using UdpPS.Parameters;
using Xunit;

namespace UdpPS.Tests.Help;

/// <summary>The help says what the code does, of all that there is and of nothing else.</summary>
public sealed partial class HelpTests
{
    private const int MinimumExamples = 6;
    private const int MinimumDescription = 20;
    private const int AboutColumns = 80;

    // Parameters of other commands that the help names.
    private static readonly Dictionary<string, string[]> OtherCommands = new()
    {
        ["ConvertTo-Json"] = ["Compress", "EnumsAsStrings"],
        ["Export-Csv"] = ["Append", "NoTypeInformation"],
        ["ForEach-Object"] = ["Parallel"],
        ["Get-Help"] = ["Full"],
        ["Import-Module"] = ["Force"],
        ["Measure-Object"] = ["Average", "Maximum", "Minimum"],
        ["New-NetFirewallRule"] = ["Action", "Direction", "DisplayName", "LocalPort", "Protocol", "RemoteAddress"],
        ["Receive-Job"] = ["Keep", "Wait"],
        ["Remove-Job"] = ["Force"],
        ["Remove-NetFirewallRule"] = ["DisplayName"],
        ["Select-Object"] = ["First"],
        ["Tee-Object"] = ["Variable"],
    };

    public static TheoryData<string> Cmdlets => new(CmdletFacts.All.Select(cmdlet => cmdlet.Name));

    [Fact]
    public void Every_cmdlet_has_help_and_nothing_else_has() =>
        Assert.Equal(CmdletFacts.All.Select(cmdlet => cmdlet.Name).Order(), CmdletHelp.All.Select(help => help.Name).Order());

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void A_cmdlets_help_has_all_its_parts(string cmdlet)
    {
        CmdletHelp help = HelpOf(cmdlet);
        Assert.All([help.Synopsis, help.Description, .. help.Notes, .. help.Inputs, .. help.Outputs], AssertIsText);
        Assert.NotEmpty(help.Notes);
        Assert.NotEmpty(help.Inputs);
        Assert.All(CmdletFacts.Of(cmdlet).OutputTypes, type =>
            Assert.Contains(help.Outputs, output => output.StartsWith(type.FullName + ": ", StringComparison.Ordinal)));
        Assert.True(help.Examples.Count() >= MinimumExamples, $"{cmdlet} has {help.Examples.Count()} examples.");
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Every_parameter_has_help_and_nothing_else_has(string cmdlet) => Assert.Equal(
        CmdletFacts.Of(cmdlet).Parameters.Select(parameter => parameter.Name).Order(),
        HelpOf(cmdlet).Parameters.Select(parameter => parameter.Name).Order());

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void A_parameters_help_agrees_with_the_code(string cmdlet)
    {
        foreach (CmdletFacts.Parameter fact in CmdletFacts.Of(cmdlet).Parameters)
        {
            CmdletHelp.Parameter help = HelpOf(cmdlet).Parameters.Single(parameter => parameter.Name == fact.Name);
            AssertIsText(help.Description);
            Assert.Equal($"{fact.Name} {fact.Type}", $"{help.Name} {help.Type}");
            Assert.Equal($"{fact.Name} {ValueOf(fact)}", $"{help.Name} {help.Value}");
            Assert.Equal($"{fact.Name} {fact.Default}", $"{help.Name} {help.Default}");
            Assert.Equal($"{fact.Name} {fact.PipelineInput}", $"{help.Name} {help["pipelineInput"]}");
            Assert.Equal($"{fact.Name} {fact.Aliases}", $"{help.Name} {help["aliases"]}");
            Assert.Equal($"{fact.Name} {fact.Position}", $"{help.Name} {help["position"]}");
            Assert.Equal($"{fact.Name} {fact.IsMandatory}", $"{help.Name} {help["required"]}", ignoreCase: true);
            Assert.Equal($"{fact.Name} {fact.Property.PropertyType.IsArray}", $"{help.Name} {help["variableLength"]}", ignoreCase: true);
        }
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void A_parameters_help_tells_its_default_and_its_unit(string cmdlet)
    {
        foreach (CmdletHelp.Parameter parameter in HelpOf(cmdlet).Parameters)
        {
            CmdletFacts.Parameter fact = CmdletFacts.Of(cmdlet).Parameters.Single(fact => fact.Name == parameter.Name);
            bool isTold = fact.IsMandatory || fact.Property.PropertyType == typeof(SwitchParameter) || parameter.Default == "Message received"
                || parameter.Description.Contains("default", StringComparison.OrdinalIgnoreCase);
            Assert.True(isTold, $"-{parameter.Name} tells no default.");
            if (parameter.Type == nameof(Double))
            {
                Assert.Contains("second", parameter.Description, StringComparison.OrdinalIgnoreCase);
            }
        }
    }

    [Fact]
    public void Encodings_are_named_as_they_are_known()
    {
        string names = $"({string.Join(", ", EncodingNames.All)})";
        IEnumerable<string> descriptions = CmdletHelp.All.SelectMany(help => help.Parameters)
            .Where(parameter => parameter.Name == "Encoding").Select(parameter => parameter.Description);
        Assert.All(descriptions, description => Assert.Contains(names, description));
    }

    [Theory]
    [InlineData(typeof(UdpMessage))]
    [InlineData(typeof(UdpSentMessage))]
    [InlineData(typeof(UdpAck))]
    [InlineData(typeof(UdpListenerStatistics))]
    public void Every_property_of_an_output_is_explained(Type type)
    {
        string outputs = string.Join("\n", CmdletHelp.All.SelectMany(help => help.Outputs)
            .Where(output => output.Contains(type == typeof(UdpListenerStatistics) ? "Statistics" : type.FullName + ": ")));
        Assert.All(type.GetProperties(), property => Assert.Matches($@"\b{property.Name}\b", outputs));
    }

    [Fact]
    public void Every_status_is_explained()
    {
        string about = string.Join("\n", CmdletHelp.About);
        Assert.All(Enum.GetNames<UdpSendStatus>().Except(["Sent"]), status => Assert.Contains($"        {status} ", about));
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void The_syntax_has_every_parameter_set(string cmdlet) => Assert.Equal(
        CmdletFacts.Of(cmdlet).Sets.Select(set => Join(set.Select(parameter => ShowInSyntax(parameter)))).Order(),
        HelpOf(cmdlet).Syntax.Select(item => Join(item.Select(ShowInSyntax))).Order());

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void The_errors_are_those_that_the_cmdlet_can_write(string cmdlet)
    {
        CmdletHelp help = HelpOf(cmdlet);
        Assert.Equal(
            ErrorFacts.Of(CmdletFacts.Of(cmdlet)).Select(error => $"{error.Id} {error.Category}").Order(),
            help.Errors.Select(error => $"{error.Id} {error.Category}").Distinct().Order());
        Assert.All(help.Errors, error =>
        {
            AssertIsText(error.Cause);
            AssertIsText(error.Remedy);
        });
    }

    [Fact]
    public void Every_error_is_in_the_help_of_a_cmdlet()
    {
        Assert.NotEmpty(ErrorFacts.All);
        Assert.Equal(
            ErrorFacts.All.Select(error => error.Id).Distinct().Order(),
            CmdletHelp.All.SelectMany(help => help.Errors).Select(error => error.Id).Distinct().Order());
    }

    [Fact]
    public void Error_ids_in_texts_exist()
    {
        var ids = ErrorFacts.All.Select(error => error.Id).Append("UdpPS").ToHashSet();
        Assert.All(Paragraphs().SelectMany(text => IdPattern().Matches(text)), match => Assert.Contains(match.Value, ids));
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void An_example_has_a_number_a_title_code_output_and_a_remark(string cmdlet)
    {
        int number = 0;
        foreach (Example example in HelpOf(cmdlet).Examples)
        {
            Assert.Matches($"^--- Example {++number}: .{{5,}} ---$", example.Title);
            Assert.Contains(example.Steps, step => step.Commands.Any(command => command.GetCommandName() == cmdlet));
            Assert.Contains(example.Steps, step => step.Output.Trim().Length > 0);
            AssertIsText(example.Remarks);
        }
    }

    [Fact]
    public void Examples_use_parameters_that_exist_by_their_full_names()
    {
        foreach (Example example in Example.All)
        {
            foreach (var command in example.Steps.SelectMany(step => step.Commands))
            {
                if (CmdletFacts.All.FirstOrDefault(cmdlet => cmdlet.Name == command.GetCommandName()) is { } cmdlet)
                {
                    Assert.All(Step.ParametersOf(command), name => Assert.Contains(name, NamesOf(cmdlet)));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Parameters_named_in_a_cmdlets_help_are_its_own_or_those_of_a_command_named_beside_them(string cmdlet)
    {
        foreach (string text in HelpOf(cmdlet).Paragraphs)
        {
            var known = NamesIn(text).Concat(NamesOf(CmdletFacts.Of(cmdlet))).ToHashSet();
            Assert.All(ParameterPattern().Matches(text), match => Assert.True(known.Contains(match.Groups[1].Value), $"{match.Value} in: {text}"));
        }
    }

    [Fact]
    public void Parameters_named_in_about_UdpPS_exist()
    {
        string text = string.Join("\n", CmdletHelp.About);
        var known = NamesIn(text).ToHashSet();
        Assert.All(ParameterPattern().Matches(text), match => Assert.Contains(match.Groups[1].Value, known));
    }

    [Fact]
    public void About_UdpPS_is_laid_out_as_about_topics_are()
    {
        Assert.Equal(
            ["TOPIC", "SHORT DESCRIPTION", "LONG DESCRIPTION", "EXAMPLES", "KEYWORDS", "SEE ALSO"],
            CmdletHelp.About.Where(line => line.Length > 0 && line[0] != ' '));
        Assert.All(CmdletHelp.About, line => Assert.True(line.Length <= AboutColumns && line == line.TrimEnd(), line));
    }

    private static CmdletHelp HelpOf(string cmdlet) => CmdletHelp.All.Single(help => help.Name == cmdlet);

    private static string? ValueOf(CmdletFacts.Parameter parameter) =>
        parameter.Property.PropertyType == typeof(SwitchParameter) ? null : parameter.Type;

    private static string ShowInSyntax(CmdletFacts.Parameter parameter)
    {
        Type type = parameter.Property.PropertyType;
        string? value = type.IsEnum ? string.Join('|', Enum.GetNames(type)) : ValueOf(parameter);
        return $"{parameter.Name} {value} {parameter.IsMandatory} {parameter.Position}";
    }

    private static string ShowInSyntax(CmdletHelp.Parameter parameter)
    {
        string? value = parameter.Values is { } values ? string.Join('|', values) : parameter.Value;
        return $"{parameter.Name} {value} {parameter["required"] == "true"} {parameter["position"]}";
    }

    private static string Join(IEnumerable<string> parameters) => string.Join(", ", parameters.Order(StringComparer.Ordinal));

    private static void AssertIsText(string text)
    {
        Assert.True(text.Length >= MinimumDescription && char.IsUpper(text[0]) | text[0] is '-' or '[', text);
        Assert.EndsWith(".", text);
        Assert.DoesNotContain("  ", text);
    }

    private static IEnumerable<string> Paragraphs() =>
        CmdletHelp.All.SelectMany(help => help.Paragraphs).Append(string.Join("\n", CmdletHelp.About));

    private static IEnumerable<string> NamesIn(string text) => CmdletFacts.All
        .Where(cmdlet => text.Contains(cmdlet.Name))
        .SelectMany(NamesOf)
        .Concat(OtherCommands.Where(command => text.Contains(command.Key)).SelectMany(command => command.Value))
        .Concat(Cmdlet.CommonParameters);

    private static IEnumerable<string> NamesOf(CmdletFacts cmdlet) => cmdlet.Parameters
        .SelectMany(parameter => parameter.Aliases.Split(", ").Prepend(parameter.Name))
        .Concat(Cmdlet.CommonParameters);

    [GeneratedRegex(@"(?<![\w-])-([A-Z]\w+)")]
    private static partial Regex ParameterPattern();

    [GeneratedRegex(@"(?<![\w.-])Udp[A-Z]\w+")]
    private static partial Regex IdPattern();
}
