using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Help;

/// <summary>README.md names what exists. Its commands are run by tests/Pester/Help.Tests.ps1.</summary>
public sealed partial class ReadmeTests
{
    private const int FewestBlocks = 15;

    private static readonly string Text = File.ReadAllText(Path.Combine(Repository.Root, "README.md")).ReplaceLineEndings("\n");

    [Fact]
    public void Every_block_parses_and_uses_parameters_that_exist_by_their_full_names()
    {
        MatchCollection blocks = PowerShellBlock().Matches(Text);
        Assert.True(blocks.Count >= FewestBlocks, $"README.md has {blocks.Count} blocks.");
        foreach (string block in blocks.Select(match => match.Groups[1].Value))
        {
            Parser.ParseInput(block, out _, out ParseError[] errors);
            Assert.Empty(errors);
            AssertParametersExist(block);
        }
    }

    [Fact]
    public void Every_error_id_exists()
    {
        var ids = ErrorFacts.All.Select(error => error.Id).ToHashSet();
        MatchCollection named = ErrorId().Matches(Text);
        Assert.NotEmpty(named);
        Assert.All(named, match => Assert.Contains(match.Groups[1].Value, ids));
    }

    [Fact]
    public void Every_link_within_the_repository_leads_somewhere()
    {
        HashSet<string> anchors = Heading().Matches(Text).Select(match => AnchorOf(match.Groups[1].Value)).ToHashSet();
        foreach (string target in Link().Matches(Text).Select(match => match.Groups[1].Value).Where(link => !link.Contains("://")))
        {
            Assert.True(
                target[0] == '#' ? anchors.Contains(target[1..]) : File.Exists(Path.Combine(Repository.Root, target)), target);
        }
    }

    [Fact]
    public void The_picture_shows_the_commands_of_the_first_screen_and_the_verdicts()
    {
        string[] lines = XDocument.Load(Path.Combine(Repository.Root, "docs", "session.svg")).Descendants()
            .Where(element => element.Name.LocalName == "text").Select(element => element.Value).ToArray();
        string[] commands = lines.Where(line => line.StartsWith("PS> ")).Select(line => line[4..]).ToArray();
        Assert.NotEmpty(commands);
        Assert.All(commands, command => Assert.Contains($"\n{command}\n", Text));
        Assert.All(commands, AssertParametersExist);
        Assert.All(
            [UdpSendStatus.Acknowledged, UdpSendStatus.PortClosed, UdpSendStatus.NoReply],
            status => Assert.Contains(lines, line => line.Contains($" {status} ")));
    }

    private static void AssertParametersExist(string script)
    {
        foreach (CommandAst command in new Step(script, string.Empty).Commands)
        {
            if (CmdletFacts.All.FirstOrDefault(cmdlet => cmdlet.Name == command.GetCommandName()) is { } cmdlet)
            {
                IEnumerable<string> known = cmdlet.Parameters.Select(parameter => parameter.Name).Concat(Cmdlet.CommonParameters);
                Assert.All(Step.ParametersOf(command), name => Assert.Contains(name, known));
            }
        }
    }

    // As GitHub makes it.
    private static string AnchorOf(string heading) => NotInAnchor().Replace(heading.ToLowerInvariant(), string.Empty).Replace(' ', '-');

    [GeneratedRegex(@"^```powershell\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex PowerShellBlock();

    [GeneratedRegex("`(Udp(?!PS|Client)[A-Z][A-Za-z]+)`")]
    private static partial Regex ErrorId();

    [GeneratedRegex(@"\]\(([^)]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchor();
}
