using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using UdpPS.Tests.Infrastructure;

namespace UdpPS.Tests.Help;

/// <summary>Which errors each cmdlet can write, by the factories in ErrorRecords.cs that its source calls.</summary>
internal static partial class ErrorFacts
{
    private static readonly string Source = Path.Combine(Repository.Root, "src", "UdpPS");

    // From a factory's name to its text.
    private static readonly Dictionary<string, string> Factories = Factory()
        .Matches(File.ReadAllText(Path.Combine(Source, "ErrorRecords.cs")))
        .ToDictionary(match => match.Groups["name"].Value, match => match.Groups["body"].Value);

    /// <summary>Ids and their categories.</summary>
    internal static IReadOnlySet<(string Id, string Category)> All { get; } = Factories.Values.SelectMany(In).ToHashSet();

    internal static IReadOnlySet<(string Id, string Category)> Of(CmdletFacts cmdlet) =>
        Directory.GetFiles(Path.Combine(Source, "Cmdlets"), "*.cs")
            .Where(file => OwnerOf(file) == cmdlet.ClassName)
            .SelectMany(file => Call().Matches(File.ReadAllText(file)))
            .SelectMany(match => Reachable(match.Groups["name"].Value))
            .SelectMany(name => In(Factories[name]))
            .ToHashSet();

    // What is no cmdlet itself and writes errors belongs to the listener.
    private static string OwnerOf(string file)
    {
        string name = Path.GetFileNameWithoutExtension(file);
        return CmdletFacts.All.Any(cmdlet => cmdlet.ClassName == name) ? name : CmdletFacts.Of("Start-UdpListener").ClassName;
    }

    private static IEnumerable<string> Reachable(string factory) => !Factories.TryGetValue(factory, out string? body)
        ? []
        : Factories.Keys.Where(name => name != factory && Regex.IsMatch(body, $@"\b{name}\("))
            .SelectMany(Reachable)
            .Prepend(factory);

    private static IEnumerable<(string Id, string Category)> In(string body) =>
        Creation().Matches(body).Select(match => (match.Groups["id"].Value, match.Groups["category"].Value));

    [GeneratedRegex(@"internal static ErrorRecord (?<name>\w+)\((?<body>.*?)(?=\n    (internal|private|/// <summary>)|\z)", RegexOptions.Singleline)]
    private static partial Regex Factory();

    [GeneratedRegex(@"\bErrorRecords\.(?<name>\w+)\(")]
    private static partial Regex Call();

    [GeneratedRegex(@"\bCreate\(\s*""(?<id>\w+)"",\s*ErrorCategory\.(?<category>\w+)")]
    private static partial Regex Creation();
}
