using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using UdpPS.Benchmarks.Reporting;

namespace UdpPS.Benchmarks.Scenarios;

/// <summary>How long after its message was delivered an ack arrives, when the pipeline is slow.</summary>
internal static class AckDelayScenario
{
    internal const string Name = "ackdelay";

    private const int ReceiveTimeoutMilliseconds = 10_000;
    private const double LongestMilliseconds = 1;

    internal static void Run(Bench bench)
    {
        (string Name, string Script, int Messages)[] pipelines =
        [
            ("100 ms for each message", Scripts.SlowListener, 30),
            ("100 ms for every eighth message, none for the others", Scripts.UnevenListener, 240),
        ];
        var table = new Table("pipeline, all messages sent at once", "ack after delivery: p50 (ms)", "longest (ms)");
        foreach ((string name, string script, int messages) in pipelines)
        {
            Bench.Progress($"ack delay, {name}");
            Sample delays = Measure(name, script, messages);
            table.Add(name, $"{delays.Median:0.000}", $"{delays.Maximum:0.000}");
            bench.Targets.Add(
                $"Ack after delivery, {name}, longest",
                $"{delays.Maximum:0.00} ms",
                $"at most {LongestMilliseconds} ms",
                delays.Maximum <= LongestMilliseconds);
        }

        table.Print("Ack delay");
    }

    private static Sample Measure(string name, string script, int messages)
    {
        using Server server = Servers.Start(name, script);
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)
        {
            ReceiveTimeout = ReceiveTimeoutMilliseconds,
        };
        client.Connect(IPAddress.Loopback, server.Port);
        for (int i = 0; i < messages; i++)
        {
            client.Send(BitConverter.GetBytes(i));
        }

        // Both ends read the same clock.
        var buffer = new byte[128];
        List<long> arrivals = [];
        for (int i = 0; i < messages; i++)
        {
            AwaitAwake(client);
            client.Receive(buffer);
            arrivals.Add(Stopwatch.GetTimestamp());
        }

        // The first ones wait for the compiler.
        return new Sample(Deliveries(server).Zip(arrivals, Milliseconds).Skip(messages / 3));
    }

    // A thread that must be woken first would measure that.
    private static void AwaitAwake(Socket client)
    {
        long start = Stopwatch.GetTimestamp();
        while (client.Available == 0 && Stopwatch.GetElapsedTime(start).TotalMilliseconds < ReceiveTimeoutMilliseconds)
        {
        }
    }

    private static IEnumerable<long> Deliveries(Server server) =>
        server.Process.ReadAfter("delivered ").Split(' ').Select(word => long.Parse(word, CultureInfo.InvariantCulture));

    private static double Milliseconds(long delivery, long arrival) => Stopwatch.GetElapsedTime(delivery, arrival).TotalMilliseconds;
}
