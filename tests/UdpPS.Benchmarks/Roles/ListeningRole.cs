using System;
using System.Management.Automation;
using System.Text.RegularExpressions;

namespace UdpPS.Benchmarks.Roles;

/// <summary>
/// Runs a script that is a server. Its port, from its first output or from what the listener announces, and the texts it
/// emits go to the standard output. Answers <c>report</c> with what the garbage collector knows.
/// </summary>
internal static partial class ListeningRole
{
    internal static void Run(string script)
    {
        var commands = new ParentCommands();
        using PowerShell server = PowerShell.Create(Engine.Open());
        server.AddScript(script);
        server.Streams.Information.DataAdded += (_, added) =>
            Announce(PortAtEnd().Match(server.Streams.Information[added.Index].MessageData.ToString() ?? string.Empty));
        var output = new PSDataCollection<PSObject>();
        output.DataAdded += (_, added) =>
        {
            object value = output[added.Index].BaseObject;
            Console.WriteLine(value is int port ? $"port {port}" : value);
        };
        server.InvocationStateChanged += (_, changed) => ReportFailure(changed.InvocationStateInfo.Reason);
        _ = server.BeginInvoke<PSObject, PSObject>(null, output);

        while (commands.Next() == "report")
        {
            Console.WriteLine(
                $"{GC.GetTotalAllocatedBytes()} {GC.CollectionCount(0)} {GC.CollectionCount(1)} {GC.CollectionCount(2)}");
        }
    }

    private static void Announce(Match endPoint)
    {
        if (endPoint.Success)
        {
            Console.WriteLine($"port {endPoint.Groups[1].Value}");
        }
    }

    private static void ReportFailure(Exception? reason)
    {
        if (reason is not null)
        {
            Console.WriteLine($"failed {reason.Message}");
        }
    }

    [GeneratedRegex(@"^UDP listener up on .*:(\d+)$")]
    private static partial Regex PortAtEnd();
}
