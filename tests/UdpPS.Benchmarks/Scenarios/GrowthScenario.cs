using System;
using System.Collections.Generic;
using System.Linq;
using UdpPS.Benchmarks.Processes;
using UdpPS.Benchmarks.Reporting;
using UdpPS.Benchmarks.Roles;

namespace UdpPS.Benchmarks.Scenarios;

/// <summary>What one more message costs, after many messages and from many senders, and what memory all of them take.</summary>
internal static class GrowthScenario
{
    internal const string Growth = "growth";
    internal const string Memory = "memory";

    private const int Window = 64;
    private const long Few = 10_000;
    private const double MegaByte = 1 << 20;

    // The garbage collector's heap breathes: so much more, and so many bytes, are no growth.
    private const double AllowedGrowth = 1.1;
    private const double AllowedBytes = 8 * MegaByte;
    private const double AllowedSenderMegaBytes = 20;

    internal static void Run(Bench bench)
    {
        FollowListener(bench);
        if (bench.Options.Wants(Growth))
        {
            FollowSender(bench);
            CompareSenders(bench);
        }
    }

    private static void FollowListener(Bench bench)
    {
        using Server listener = Servers.Start(Servers.Listener, Scripts.Listener);
        var costs = new Table("listener, after so many messages", "µs per message, 64 in flight");
        var memory = new Table(
            "listener, after so many messages", "working set (MB)", "peak (MB)", "allocated per message (bytes)", "collections (gen 0, 1, 2)");
        List<long> peaks = [];
        int some = bench.Options.SomeMessages;
        long exchanged = 0;
        double[] start = listener.Process.Ask("report");
        foreach (long until in new[] { Few, bench.Options.ManyMessages, bench.Options.AllMessages })
        {
            Bench.Progress($"growth: {until:N0} messages");
            bench.Generator.Exchange(listener.Port, Window, until - exchanged);
            peaks.Add(listener.Process.PeakWorkingSet);
            double[] report = listener.Process.Ask("report");
            memory.Add(
                $"{until:N0}",
                $"{listener.Process.WorkingSet / MegaByte:0.0}",
                $"{peaks[^1] / MegaByte:0.0}",
                $"{(report[0] - start[0]) / until:0}",
                $"{report[1]:0}, {report[2]:0}, {report[3]:0}");

            // These count too: what comes before the next report is that many fewer.
            Sample cost = new(Enumerable.Range(0, bench.Options.Rounds).Select(
                _ => bench.Generator.Exchange(listener.Port, Window, some)[0] * 1e6 / some));
            costs.Add($"{until:N0}", cost.Show("0.00"));
            exchanged = until + (some * bench.Options.Rounds);
        }

        if (bench.Options.Wants(Memory))
        {
            memory.Print("Memory of Start-UdpListener | Out-Null");
            bench.Targets.Add(
                $"Memory of the listener over {bench.Options.AllMessages:N0} messages",
                $"peak {peaks[1] / MegaByte:0} MB after {bench.Options.ManyMessages:N0}, {peaks[2] / MegaByte:0} MB after all",
                "constant",
                peaks[2] <= (peaks[1] * AllowedGrowth) + AllowedBytes);
        }

        if (bench.Options.Wants(Growth))
        {
            costs.Print("Growth: messages to a listener");
        }
    }

    private static void FollowSender(Bench bench)
    {
        using var drain = new Server("drain", PeerProcess.StartRole(RoleProgram.Drain));
        foreach ((string name, string script) in new[]
        {
            ("Send-UdpMessage -Count | Out-Null", Scripts.SendRepeated), ("Send-UdpMessage -Count -NoAck", Scripts.SendRepeatedNoAck),
        })
        {
            using Timed sender = Timed.Script(name, script, drain.Port);

            // The collector's heap grows to its usual size first.
            sender.Run(bench.Options.WarmUpMessages);
            var table = new Table(name, "µs per message", "one run of (s)", "peak working set (MB)");
            List<double> peaks = [];
            foreach (long count in new[] { Few, bench.Options.ManyMessages })
            {
                Bench.Progress($"growth: {count:N0} messages sent");
                int rounds = count == Few ? bench.Options.Rounds : 1;
                Sample seconds = new(Enumerable.Range(0, rounds).Select(_ => sender.Run(count)));
                peaks.Add(sender.PeakWorkingSet / MegaByte);
                table.Add(
                    $"{count:N0}",
                    seconds.Select(value => value * 1e6 / count).Show("0.00"),
                    $"{seconds.Median:0.00}",
                    $"{peaks[^1]:0.0}");
            }

            table.Print("Growth: messages sent");
            bench.Targets.Add(
                $"Memory of {bench.Options.ManyMessages:N0} messages, {name}",
                $"peak {peaks[0]:0} MB after {Few:N0}, {peaks[1]:0} MB after all",
                $"within {AllowedSenderMegaBytes} MB",
                peaks[1] - peaks[0] <= AllowedSenderMegaBytes);
        }
    }

    private static void CompareSenders(Bench bench)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        List<Server> servers = [];
        try
        {
            List<Contender> contenders = [];
            foreach (int senders in new[] { 1, 100, 10_000 })
            {
                Server listener = Servers.Start($"Start-UdpListener, {senders:N0} senders", Scripts.Listener);
                servers.Add(listener);
                contenders.Add(Warm(bench, listener, senders));
            }

            if (bench.Programs.CBatches is { } batches)
            {
                foreach (int senders in new[] { 1, 10_000 })
                {
                    Server loop = new($"{Servers.CBatches}, {senders:N0} senders", PeerProcess.Start(batches));
                    servers.Add(loop);
                    contenders.Add(Warm(bench, loop, senders));
                }
            }

            var table = new Table("server, senders in turn, 64 in flight", "µs per message");
            Dictionary<string, Sample[]> measured = Rounds.Measure("growth, senders", bench.Options.Rounds, contenders);
            foreach ((string name, Sample[] sample) in measured)
            {
                table.Add(name, sample[0].Show("0.00"));
            }

            table.Print("Growth: distinct senders");
            bench.Targets.AtMost(
                "Message of one of 10,000 senders, against one of a single sender",
                measured[servers[2].Name][0].Against(measured[servers[0].Name][0]),
                1.25);
        }
        finally
        {
            servers.ForEach(server => server.Dispose());
        }
    }

    private static Contender Warm(Bench bench, Server server, int senders)
    {
        int count = bench.Options.WarmUpMessages;
        bench.Generator.Exchange(server.Port, Window, count, senders);
        return new Contender(
            server.Name, () => [bench.Generator.Exchange(server.Port, Window, count, senders)[0] * 1e6 / count]);
    }
}
