using System;
using System.Collections.Generic;
using System.Globalization;
using UdpPS.Benchmarks.Processes;
using UdpPS.Benchmarks.Reporting;
using UdpPS.Benchmarks.Roles;

namespace UdpPS.Benchmarks.Scenarios;

/// <summary>How long a sweep of many targets takes, against what its silent ones need anyway.</summary>
internal static class SweepScenario
{
    internal const string Name = "sweep";

    private const int Targets = 10_000;
    private const int SilentOf = 10;
    private const string PortVariable = "UDPPS_BENCHMARK_PORT";
    private const double MostTimes = 1.5;

    internal static void Run(Bench bench)
    {
        if (!OperatingSystem.IsLinux())
        {
            // Elsewhere loopback has one address.
            return;
        }

        using Server listener = Servers.Start("listener", Scripts.ListenerEverywhere);
        using var silent = new Server("silent", PeerProcess.StartRole(RoleProgram.Drain));
        Environment.SetEnvironmentVariable(PortVariable, listener.Port.ToString(CultureInfo.InvariantCulture));
        using Timed sweep = Timed.Script("all", Scripts.Sweep, silent.Port);
        using Timed sweepOfSilent = Timed.Script("silent", Scripts.SweepOfSilent, silent.Port);
        Contender[] contenders =
        [
            new($"{Targets:N0} targets, a tenth silent, a tenth closed", () => [sweep.Run(Targets)]),
            new("the silent ones alone", () => [sweepOfSilent.Run(Targets / SilentOf)]),
        ];
        foreach (Contender contender in contenders)
        {
            contender.MeasureOnce();
        }

        Dictionary<string, Sample[]> measured = Rounds.Measure("sweep", bench.Options.Rounds, contenders);
        Sample all = measured[contenders[0].Name][0];
        Sample times = all.Against(measured[contenders[1].Name][0]);
        var table = new Table("sweep, -ThrottleLimit 1000 -TimeoutSeconds 1", "seconds");
        foreach ((string name, Sample[] sample) in measured)
        {
            table.Add(name, sample[0].Show("0.00"));
        }

        table.Print("Sweep");
        bench.Targets.Add(
            $"Sweep of {Targets:N0} targets, against the time that the silent ones alone need",
            times.Show("0.00"),
            $"at most {MostTimes}",
            times.Median <= MostTimes);
    }
}
