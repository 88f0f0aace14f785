using System.Collections.Generic;
using System.Globalization;
using UdpPS.Benchmarks.Reporting;

namespace UdpPS.Benchmarks.Scenarios;

/// <summary>What is kept of many datagrams that come while the pipeline is held for a second.</summary>
internal static class BurstScenario
{
    internal const string Name = "burst";

    private const int Burst = 20_000;

    internal static void Run(Bench bench)
    {
        (string Name, string Script)[] servers =
        [
            ("Start-UdpListener", Scripts.HeldListener),
            (Servers.UdpClient, Scripts.HeldUdpClient),
        ];
        var table = new Table($"server, {Burst:N0} datagrams while it is held for a second", "kept");
        List<Sample> kept = [];
        foreach ((string name, string script) in servers)
        {
            List<double> rounds = [];
            for (int round = 0; round < RoundsFor(bench, script); round++)
            {
                Bench.Progress($"burst, {name}: round {round + 1} of {RoundsFor(bench, script)}");
                rounds.Add(Keep(bench, name, script));
            }

            kept.Add(new Sample(rounds));
            table.Add(name, kept[^1].Show("N0"));
        }

        table.Print("Burst");
        bench.Targets.Add(
            $"Burst of {Burst:N0} datagrams while the pipeline is held for a second",
            $"{kept[0].Minimum:N0} kept at least",
            "all kept",
            kept[0].Minimum >= Burst);
    }

    // What has no queue of its own keeps what fits the system's buffer, always: once shows it.
    private static int RoundsFor(Bench bench, string script) => script == Scripts.HeldListener ? bench.Options.Rounds : 1;

    private static double Keep(Bench bench, string name, string script)
    {
        using Server server = Servers.Start(name, script);
        bench.Generator.Burst(server.Port, Burst);
        return double.Parse(server.Process.ReadAfter("seen "), CultureInfo.InvariantCulture) - 1;
    }
}
