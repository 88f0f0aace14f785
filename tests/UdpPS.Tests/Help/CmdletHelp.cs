using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Xml.Linq;
using UdpPS.Tests.Infrastructure;

namespace UdpPS.Tests.Help;

/// <summary>The help of one cmdlet, as Get-Help finds it in the staged module.</summary>
internal sealed class CmdletHelp
{
    private static readonly string Folder = Path.Combine(Path.GetDirectoryName(Repository.Manifest)!, "en-US");
    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    private readonly XElement _command;

    private CmdletHelp(XElement command) => _command = command;

    internal static IReadOnlyList<CmdletHelp> All { get; } = XDocument.Load(Path.Combine(Folder, "UdpPS.dll-Help.xml"))
        .Descendants(Command + "command").Select(command => new CmdletHelp(command)).ToList();

    internal static string[] About { get; } = File.ReadAllLines(Path.Combine(Folder, "about_UdpPS.help.txt"));

    internal string Name => _command.Element(Command + "details")!.Element(Command + "name")!.Value;

    internal string Synopsis => TextOf(_command.Element(Command + "details")!.Element(Maml + "description"));

    internal string Description => TextOf(_command.Element(Maml + "description"));

    internal IEnumerable<Parameter> Parameters =>
        _command.Element(Command + "parameters")!.Elements(Command + "parameter").Select(element => new Parameter(element));

    internal IEnumerable<IReadOnlyList<Parameter>> Syntax => _command.Element(Command + "syntax")!
        .Elements(Command + "syntaxItem")
        .Select(item => item.Elements(Command + "parameter").Select(element => new Parameter(element)).ToList());

    internal IEnumerable<Error> Errors => _command.Descendants(Command + "terminatingError")
        .Concat(_command.Descendants(Command + "nonTerminatingError"))
        .Select(element => new Error(
            element.Element(Command + "errorID")!.Value,
            element.Element(Command + "category")!.Value,
            TextOf(element.Element(Maml + "description")),
            TextOf(element.Element(Dev + "recommendedAction"))));

    internal IEnumerable<Example> Examples => _command.Descendants(Command + "example").Select(element => new Example(
        Name,
        element.Element(Maml + "title")!.Value,
        Transcript.Read(element.Element(Dev + "code")!.Value.Split('\n')),
        TextOf(element.Element(Dev + "remarks"))));

    internal IEnumerable<string> Inputs => TypesIn("inputType");

    internal IEnumerable<string> Outputs => TypesIn("returnValue");

    internal IEnumerable<string> Notes => _command.Element(Maml + "alertSet")!.Descendants(Maml + "para").Select(para => para.Value);

    /// <summary>Each paragraph of running text, wherever it stands; the remarks of an example with its code.</summary>
    internal IEnumerable<string> Paragraphs => _command.Descendants(Maml + "para")
        .Where(para => para.Parent!.Name != Dev + "remarks").Select(para => para.Value)
        .Concat(_command.Descendants(Command + "example").Select(example => example.Value));

    private IEnumerable<string> TypesIn(string kind) => _command.Descendants(Command + kind)
        .Select(element => $"{element.Element(Dev + "type")!.Element(Maml + "name")!.Value}: {TextOf(element.Element(Maml + "description"))}");

    private static string TextOf(XElement? element) =>
        string.Join("\n", element?.Elements(Maml + "para").Select(para => para.Value) ?? []).Trim();

    internal sealed record Error(string Id, string Category, string Cause, string Remedy);

    internal sealed record Parameter(XElement Element)
    {
        internal string Name => Element.Element(Maml + "name")!.Value;

        internal string Description => TextOf(Element.Element(Maml + "description"));

        internal string Type => Element.Element(Dev + "type")!.Element(Maml + "name")!.Value;

        internal string? Value => Element.Element(Command + "parameterValue")?.Value;

        internal IEnumerable<string>? Values =>
            Element.Element(Command + "parameterValueGroup")?.Elements().Select(element => element.Value);

        internal string Default => Element.Element(Dev + "defaultValue")!.Value;

        internal string? this[string attribute] => Element.Attribute(attribute)?.Value;
    }
}
