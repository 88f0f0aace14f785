using System;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace UdpPS.Benchmarks.Roles;

/// <summary>Runs a script for each line COUNT of the input, and answers with the seconds it took.</summary>
internal static class TimingRole
{
    private const int MessageLength = 64;

    internal static void Run(string script, int port)
    {
        var commands = new ParentCommands();
        Runspace runspace = Engine.Open();
        runspace.SessionStateProxy.SetVariable("port", port);
        Console.WriteLine("ready");
        while (true)
        {
            int count = int.Parse(commands.Next(), CultureInfo.InvariantCulture);
            runspace.SessionStateProxy.SetVariable("count", count);
            runspace.SessionStateProxy.SetVariable("messages", MessagesOf(script, count));
            using PowerShell command = PowerShell.Create(runspace);
            command.AddScript(script);

            // What made the messages, and the run before, leave no work for the time that counts.
            GC.Collect();
            long start = Stopwatch.GetTimestamp();
            Engine.Run(command);
            TimeSpan time = Stopwatch.GetElapsedTime(start);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seconds {time.TotalSeconds:F9}"));
        }
    }

    // Made before the time starts, and only where the script has them.
    private static object[]? MessagesOf(string script, int count) => script.Contains("$messages", StringComparison.Ordinal)
        ? Enumerable.Range(0, count).Select(number => (object)$"{number:D20}".PadRight(MessageLength, 'x')).ToArray()
        : null;
}
