using System;
using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace UdpPS.Benchmarks.Roles;

/// <summary>Imports a module, the first one of this process, into an engine that has run one trivial command.</summary>
internal static class ImportingRole
{
    internal static void Run(string manifest)
    {
        using Runspace runspace = Engine.OpenBare();
        using PowerShell trivial = PowerShell.Create(runspace);
        Engine.Run(trivial.AddScript("1 | Out-Null"));

        using PowerShell importing = PowerShell.Create(runspace);
        importing.AddScript($"Import-Module '{manifest.Replace("'", "''", StringComparison.Ordinal)}'");
        long start = Stopwatch.GetTimestamp();
        Engine.Run(importing);
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seconds {time.TotalSeconds:F9}"));
    }
}
