using System;
using System.Collections.Concurrent;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using UdpPS.Sending;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Cmdlets;

/// <summary>Many messages: none is lost in silence, none that was acknowledged is lost at all.</summary>
public sealed partial class LoadTests : IDisposable
{
    private readonly Session _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void A_burst_into_a_held_pipeline_comes_out_or_is_counted()
    {
        const int Sent = 20_000;
        using var gate = new Gate();
        using var peer = new RawSocket();
        _session["gate"] = gate;
        using var listener = new RunningListener(_session, """
            Start-UdpListener -Port 0 -NoAck -IdleTimeoutSeconds 2 -Verbose | ForEach-Object {
                if ($_.Sequence -eq 1) { $gate.Pass() }
                $_
            }
            """);
        byte[] payload = new byte[64];
        for (int i = 0; i < Sent; i++)
        {
            BitConverter.TryWriteBytes(payload, i);
            peer.SendTo(listener.Port, payload);
        }

        gate.Open();
        Assert.Null(listener.WaitForEnd());
        int[] numbers = listener.Messages.Select(message => BitConverter.ToInt32(message.Bytes)).ToArray();
        Match totals = Totals().Match(listener.Streams.Verbose.Last().Message);
        Assert.Equal(Sent, numbers.Length + Number(totals, "dropped"));
        Assert.Equal(numbers.Length, Number(totals, "received"));
        Assert.Equal(numbers.Length, numbers.Distinct().Count());
        Assert.Equal(numbers.Order(), numbers);
    }

    [Fact]
    public async Task What_eight_senders_were_acknowledged_is_all_in_the_output()
    {
        const int Senders = 8;
        const int Each = 12_500;
        var seen = new ConcurrentDictionary<string, int>();
        _session["seen"] = seen;
        using var listener = new RunningListener(
            _session, "Start-UdpListener -Port 0 | ForEach-Object { $null = $seen.TryAdd($_.Message, 1) }");
        int missing = 0;
        Task[] senders = Enumerable.Range(0, Senders).Select(sender => Task.Factory.StartNew(
            () =>
            {
                using var peer = new RawSocket();
                for (int i = 0; i < Each; i++)
                {
                    string text = $"{sender}-{i}";
                    peer.SendTo(listener.Port, text);
                    peer.ReceiveBytes(out _);
                    if (!seen.ContainsKey(text))
                    {
                        Interlocked.Increment(ref missing);
                    }
                }
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)).ToArray();
        await Task.WhenAll(senders);
        listener.Stop();
        Assert.Equal(0, missing);
        Assert.Equal(Senders * Each, seen.Count);
    }

    [Fact]
    public void Messages_that_nobody_asks_about_take_bounded_sockets_and_memory()
    {
        const int Messages = 100_000;
        using var peer = new RawSocket();
        _session["port"] = peer.Port;
        int socketsBefore = ProcessSockets.CountInUse();
        long memoryBefore = GC.GetTotalMemory(forceFullCollection: true);
        var report = _session.Run<WatchSentCommand.Report>(
            $"& {{ for ($i = 0; $i -lt {Messages}; $i++) {{ $i }} }} | Send-UdpMessage 127.0.0.1 $port | Watch-Sent").Single();
        Assert.Equal(Messages, report.Count);

        Assert.InRange(report.MostSockets - socketsBefore, 1, SenderResources.MaximumUnclaimed + 3);
        Assert.InRange(report.MostMemory - memoryBefore, long.MinValue, 20 * 1024 * 1024);
    }

    private static int Number(Match totals, string name) =>
        int.Parse(totals.Groups[name].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex("^(?<received>\\d+) received, .* (?<dropped>\\d+) dropped, ")]
    private static partial Regex Totals();
}
