using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using UdpPS.Benchmarks.Reporting;

namespace UdpPS.Benchmarks.Scenarios;

/// <summary>What a listener costs that nobody sends to.</summary>
internal static class IdleScenario
{
    internal const string Name = "idle";

    // Enough for the compiler to have done its work before it is quiet.
    private const int Messages = 400_000;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(10);

    // The system counts processor time in hundredths of a second.
    private static readonly TimeSpan Allowed = TimeSpan.FromMilliseconds(20);

    internal static void Run(Bench bench)
    {
        using Server listener = Servers.Start(Servers.Listener, Scripts.Listener);
        using Server client = Servers.Start(Servers.UdpClient, Scripts.UdpClientServer);
        Server[] servers = [listener, client];
        foreach (Server server in servers)
        {
            bench.Generator.Exchange(server.Port, 64, Messages);
        }

        Bench.Progress("idle: waiting");
        Thread.Sleep(Settling);
        List<TimeSpan> before = servers.Select(server => server.Process.ProcessorTime).ToList();
        Thread.Sleep(Watched);
        List<TimeSpan> used = servers.Select((server, i) => server.Process.ProcessorTime - before[i]).ToList();

        var table = new Table("server, idle", $"CPU in {Watched.TotalSeconds} s (ms)");
        for (int i = 0; i < servers.Length; i++)
        {
            table.Add(servers[i].Name, $"{used[i].TotalMilliseconds:0}");
        }

        table.Print("Idle");
        TimeSpan more = used[0] - used[1];
        bench.Targets.Add(
            "CPU of an idle listener, more than of the shell whose script waits in UdpClient.Receive",
            $"{more.TotalMilliseconds:0} ms in {Watched.TotalSeconds} s",
            $"at most {Allowed.TotalMilliseconds} ms",
            more <= Allowed);
    }
}
