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
        FilesOf(cmdlet)
            .SelectMany(file => Call().Matches(file))
            .SelectMany(match => Reachable(match.Groups["name"].Value))
            .SelectMany(name => In(Factories[name]))
            .ToHashSet();

    // The cmdlet's own, and those that it names, or that these name: by their texts.
    private static IEnumerable<string> FilesOf(CmdletFacts cmdlet)
    {
        Dictionary<string, string> others = new[] { "Cmdlets", "AckScripts", "Parameters" }
            .SelectMany(room => Directory.GetFiles(Path.Combine(Source, room), "*.cs"))
            .ToDictionary(file => Path.GetFileNameWithoutExtension(file), File.ReadAllText);
        others.Remove(cmdlet.ClassName, out string? own);
        var found = new Queue<string>([own!]);
        while (found.TryDequeue(out string? file))
        {
            yield return file;
            foreach (string name in others.Keys.Where(name => Regex.IsMatch(file, $@"\b{name}\b")).ToArray())
            {
                others.Remove(name, out string? next);
                found.Enqueue(next!);
            }
        }
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
