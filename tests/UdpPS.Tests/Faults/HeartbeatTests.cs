using System;
using System.Diagnostics;
using System.Threading;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Faults;

/// <summary>What looks like a loop at first sight, and is none.</summary>
public sealed class HeartbeatTests : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly Session _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void The_same_text_every_100_ms_from_one_socket_gets_every_ack()
    {
        const int Beats = 30;
        var job = _session.StartJob();
        using var heart = new RawSocket();
        using var clock = new ManualResetEvent(initialState: false);
        var watch = Stopwatch.StartNew();
        for (int beat = 1; beat <= Beats; beat++)
        {
            heart.SendTo(job.LocalPort, "beat");
            Assert.Equal("Message received", heart.Receive());
            TimeSpan rest = (beat * Interval) - watch.Elapsed;
            clock.WaitOne(rest > TimeSpan.Zero ? rest : TimeSpan.Zero);
        }

        Assert.Equal(0, job.Statistics.SuppressedAcks);
        Assert.Empty(job.Warning);
    }
}
