using System;
using System.Collections.Generic;
using System.IO;
using UdpPS.Benchmarks.Processes;
using UdpPS.Benchmarks.Reporting;
using UdpPS.Benchmarks.Roles;

namespace UdpPS.Benchmarks.Scenarios;

/// <summary>How long the first Import-Module of a process takes, each time in a fresh one.</summary>
internal static class ImportScenario
{
    internal const string Name = "import";

    private const string Hosted = "UdpPS, hosted engine";
    private const string HostedEmpty = "an empty module, hosted engine";
    private const string Installed = "UdpPS, pwsh";
    private const string InstalledEmpty = "an empty module, pwsh";

    internal static void Run(Bench bench)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("UdpPS.Benchmarks.");
        try
        {
            string empty = Path.Combine(folder.FullName, "Empty.psd1");
            File.WriteAllText(empty, "@{ ModuleVersion = '1.0' }");
            List<Contender> contenders =
            [
                new(Hosted, () => Time(PeerProcess.StartRole(RoleProgram.Import, Engine.Manifest))),
                new(HostedEmpty, () => Time(PeerProcess.StartRole(RoleProgram.Import, empty))),
            ];
            if (bench.Programs.PowerShell is { } pwsh)
            {
                contenders.Add(new Contender(Installed, () => Time(StartInstalled(pwsh, Engine.Manifest))));
                contenders.Add(new Contender(InstalledEmpty, () => Time(StartInstalled(pwsh, empty))));
            }

            Print(bench, Rounds.Measure("import", bench.Options.Rounds + 2, contenders));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static PeerProcess StartInstalled(string pwsh, string manifest) => PeerProcess.Start(
        pwsh,
        "-NoProfile",
        "-NonInteractive",
        "-Command",
        $$"""
        1 | Out-Null
        $watch = [System.Diagnostics.Stopwatch]::StartNew()
        Import-Module '{{manifest.Replace("'", "''", StringComparison.Ordinal)}}'
        'seconds ' + $watch.Elapsed.TotalSeconds.ToString('R', [cultureinfo]::InvariantCulture)
        """);

    private static double[] Time(PeerProcess process)
    {
        using (process)
        {
            return [process.ReadSeconds() * 1000];
        }
    }

    private static void Print(Bench bench, Dictionary<string, Sample[]> measured)
    {
        var table = new Table("first Import-Module of a process", "time (ms)");
        foreach ((string name, Sample[] sample) in measured)
        {
            table.Add(name, sample[0].Show("0.0"));
        }

        table.Print("Import-Module");
        bench.Targets.AtMost("Import-Module UdpPS, in the bare hosted engine", measured[Hosted][0], 60, " ms");
        bench.Targets.AtMost(
            "the same over Import-Module of an empty module", measured[Hosted][0].Over(measured[HostedEmpty][0]), 60, " ms");
    }
}
