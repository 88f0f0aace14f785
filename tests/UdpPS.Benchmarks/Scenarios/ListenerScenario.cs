using System;
using System.Collections.Generic;
using System.Linq;
using UdpPS.Benchmarks.Processes;
using UdpPS.Benchmarks.Reporting;

namespace UdpPS.Benchmarks.Scenarios;

/// <summary>How many messages a second each server acknowledges, and how long a round trip takes.</summary>
internal static class ListenerScenario
{
    internal const string Throughput = "listener";
    internal const string Latency = "latency";

    private const int Window = 64;
    private const int SingleWarmUpMessages = 10_000;

    // A round trip depends on where the system puts the two ends, and that changes: there, many rounds see most of it.
    private const int SingleShortness = 3;

    // What the generator answers when one message is in flight.
    private const int P50 = 1;
    private const int P99 = 2;
    private const int P999 = 3;

    internal static void Run(Bench bench)
    {
        using Servers servers = Servers.StartAll(bench.Programs);
        if (bench.Options.Wants(Throughput))
        {
            PrintThroughput(bench, Measure(
                bench, servers, Window, bench.Options.WarmUpMessages, bench.Options.Rounds, bench.Options.Seconds));
        }

        Dictionary<string, Sample[]> single = MeasureSingle(bench, servers, bench.Options.Rounds * SingleShortness);
        if (bench.Options.Wants(Throughput))
        {
            PrintSingle(single);
        }

        if (bench.Options.Wants(Latency))
        {
            PrintLatency(bench, "wherever the system runs them", single);
            MeasurePinned(bench, servers, "client on one core, server on another", Cores.First, Cores.Second);
            MeasurePinned(bench, servers, "client and server on one core", Cores.First, Cores.First);
        }
    }

    // Where the system puts the two ends, on one core or on two, decides most of a round trip, and it changes its mind from one
    // run to the next: only where that is decided can two of them be compared.
    private static void MeasurePinned(Bench bench, Servers servers, string where, ulong client, ulong server)
    {
        if (!Cores.CanChoose)
        {
            return;
        }

        Cores.Choose(bench.Generator.Id, client);
        try
        {
            foreach (Server running in servers.Running)
            {
                Cores.Choose(running.Process.Id, server);
            }

            PrintLatency(bench, where, MeasureSingle(bench, servers, bench.Options.Rounds));
        }
        finally
        {
            Cores.Choose(bench.Generator.Id, Cores.Every);
        }
    }

    private static Dictionary<string, Sample[]> MeasureSingle(Bench bench, Servers servers, int rounds) =>
        Measure(bench, servers, window: 1, SingleWarmUpMessages, rounds, bench.Options.Seconds / SingleShortness);

    private static Dictionary<string, Sample[]> Measure(
        Bench bench, Servers servers, int window, int warmUp, int rounds, double seconds)
    {
        Bench.Progress($"listener, {window} in flight: warming up");
        Contender[] contenders = servers.Running.Select(server => Warm(bench, server, window, warmUp, seconds)).ToArray();
        return Rounds.Measure($"listener, {window} in flight", rounds, contenders);
    }

    private static Contender Warm(Bench bench, Server server, int window, int messages, double seconds)
    {
        bench.Generator.Exchange(server.Port, window, messages);
        double rate = messages / bench.Generator.Exchange(server.Port, window, messages)[0];
        long count = (long)Math.Max(1000, rate * seconds);
        return new Contender(server.Name, () =>
        {
            double[] answer = bench.Generator.Exchange(server.Port, window, count);
            answer[0] = count / answer[0];
            return answer;
        });
    }

    private static void PrintThroughput(Bench bench, Dictionary<string, Sample[]> measured)
    {
        Sample? loop = Of(measured, Servers.CLoop);
        Sample client = measured[Servers.UdpClient][0];
        var table = new Table("server, 64 in flight", "acks/s", "against the C loop", "against the UdpClient loop");
        foreach ((string name, Sample[] numbers) in measured)
        {
            table.Add(
                name,
                numbers[0].Show("N0"),
                loop is null ? "" : numbers[0].Against(loop).Show("0.00"),
                numbers[0].Against(client).Show("0.00"));
        }

        table.Print("Listener, 64 in flight");

        const string What = "Start-UdpListener, acks per second, 64 in flight";
        Sample listener = measured[Servers.Listener][0];
        Sample? python = Ratio(listener, Of(measured, Servers.Python));
        bench.Chart.Add(What, "a UdpClient loop in a script", listener.Against(client));
        bench.Chart.Add(What, "the tutorial's Python server", python);
        bench.Chart.Add(What, "a C recvfrom/sendto loop", Ratio(listener, loop));
        bench.Targets.AtLeast("Listener, 64 in flight, against the C recvfrom/sendto loop", Ratio(listener, loop), 1.5);
        bench.Targets.AtLeast("the same against the UdpClient script loop", listener.Against(client), 3.5);
        bench.Targets.AtLeast("the same against the Python server", python, 4.5);
        bench.Targets.AtLeast(
            "Listener with ForEach-Object, 64 in flight, against the UdpClient script loop",
            measured[Servers.ListenerForEach][0].Against(client),
            2);

        if (measured.TryGetValue(Servers.Listener + Servers.Portable, out Sample[]? portable))
        {
            bench.Targets.AtLeast(
                "Listener over .NET's sockets, 64 in flight, against the .NET Socket loop",
                portable[0].Against(measured[Servers.SocketLoop][0]),
                0.85);
            bench.Targets.AtLeast("the same against the UdpClient script loop", portable[0].Against(client), 1.5);
        }
    }

    private static void PrintSingle(Dictionary<string, Sample[]> measured)
    {
        var table = new Table("server, 1 in flight", "acks/s", "against the .NET loop");
        foreach ((string name, Sample[] numbers) in measured)
        {
            table.Add(name, numbers[0].Show("N0"), numbers[0].Against(measured[Servers.SocketLoop][0]).Show("0.00"));
        }

        table.Print("Listener, 1 in flight");
    }

    private static void PrintLatency(Bench bench, string where, Dictionary<string, Sample[]> measured)
    {
        Sample loop = measured[Servers.SocketLoop][P50];
        var table = new Table("server, 1 in flight", "p50 (µs)", "p99 (µs)", "p99.9 (µs)", "p50 against the .NET loop");
        foreach ((string name, Sample[] numbers) in measured)
        {
            table.Add(
                name,
                numbers[P50].Show("0.0"),
                numbers[P99].Show("0.0"),
                numbers[P999].Show("0.0"),
                numbers[P50].Against(loop).Show("0.00"));
        }

        table.Print($"Round trip, {where}");
        bench.Targets.AtMost(
            $"Round trip p50, 1 in flight, {where}, against the .NET Socket loop",
            measured[Servers.Listener][P50].Against(loop),
            1.4);
    }

    private static Sample? Of(Dictionary<string, Sample[]> measured, string name) =>
        measured.TryGetValue(name, out Sample[]? numbers) ? numbers[0] : null;

    private static Sample? Ratio(Sample mine, Sample? its) => its is null ? null : mine.Against(its);
}
