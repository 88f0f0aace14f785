using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Text.RegularExpressions;

namespace UdpPS.Tests.Help;

/// <summary>
/// Makes what an example put out, and what the help shows for it, comparable: the cells in their order, without table
/// headers, times, round trips, and the ports that the system picked.
/// </summary>
internal static partial class ShownText
{
    internal static string Of(IEnumerable<object> output) => string.Join("\n", output.Select(Show));

    internal static string Normalize(string text) =>
        Space().Replace(Volatile().Replace(Header().Replace(text, string.Empty), " "), " ").Trim();

    private static string Show(object value) => value switch
    {
        UdpMessage message => $"{message.RemoteAddress} {message.RemotePort} {message.Length} {message.Message}",
        UdpSentMessage sent => $"{sent.Server} {sent.Port} {sent.Status} {sent.Attempts} {sent.Message}",
        UdpAck ack => $"{ack.RemoteAddress} {ack.Port} {ack.SentMessage} {ack.Message}",
        UdpListenerStatistics statistics =>
            string.Join(" ", PSObject.AsPSObject(statistics).Properties.Select(property => property.Value)),
        ErrorRecord error =>
            $"{error.InvocationInfo.MyCommand.Name}: {error} Recommendation: {error.ErrorDetails?.RecommendedAction}",
        VerboseRecord verbose => $"VERBOSE: {verbose.Message}",
        WarningRecord warning => $"WARNING: {warning.Message}",
        InformationRecord information => information.Tags.Contains("PSHOST") ? information.ToString() : string.Empty,
        _ => value.ToString()!,
    };

    // A line of names, and the line of dashes below it.
    [GeneratedRegex(@"^.*\n *-{3,}[- ]*$", RegexOptions.Multiline)]
    private static partial Regex Header();

    [GeneratedRegex(@"\b\d\d:\d\d:\d\d\.\d+|(?<![\d.])\d+\.\d+(?![\d.])|\b\d{5}\b")]
    private static partial Regex Volatile();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
