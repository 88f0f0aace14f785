using System;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using UdpPS.Sending;
using UdpPS.Sockets;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Engine;

public sealed class ArrivalTimingTests
{
    private readonly ArrivalTiming _timing = new();

    [Fact]
    public void What_the_system_tells_is_believed()
    {
        _timing.NoteSilence(Sample.Ticks(10));
        Assert.Equal(Sample.Ticks(10.5), Find(told: 10.5, waitedSince: 11, out bool isKnown));
        Assert.True(isKnown);
    }

    [Fact]
    public void Unless_nothing_had_come_yet_at_that_time_because_the_clock_was_set_meanwhile()
    {
        _timing.NoteSilence(Sample.Ticks(10));
        long before = Stopwatch.GetTimestamp();
        Assert.InRange(Find(told: 9.9, waitedSince: 11, out bool isKnown), before, Stopwatch.GetTimestamp());
        Assert.False(isKnown);
    }

    [Fact]
    public void Where_the_system_tells_nothing_a_recent_look_does()
    {
        _timing.NoteSilence(Sample.Ticks(10));
        Find(told: 0, waitedSince: 10.0005, out bool isKnown);
        Assert.True(isKnown);
        Find(told: 0, waitedSince: 10.0015, out isKnown);
        Assert.False(isKnown);
    }

    [Fact]
    public void An_earlier_silence_does_not_undo_a_later_one()
    {
        _timing.NoteSilence(Sample.Ticks(10));
        _timing.NoteSilence(Sample.Ticks(5));
        Find(told: 0, waitedSince: 10.0005, out bool isKnown);
        Assert.True(isKnown);
    }

    private long Find(double told, double waitedSince, out bool isKnown)
    {
        using var link = new PeerLink(new ToldSocket(Sample.Ticks(told)), _ => { });
        return _timing.Find(link, Sample.Ticks(waitedSince), out isKnown);
    }

    private sealed class ToldSocket(long arrival) : IPeerSocket
    {
        public Socket Socket => throw new NotSupportedException();

        public int LocalPort => throw new NotSupportedException();

        public IPAddress LocalAddress => throw new NotSupportedException();

        public void Send(byte[] payload) => throw new NotSupportedException();

        public int SendMany(byte[][] payloads, int count) => throw new NotSupportedException();

        public bool TryReceive(out Datagram datagram) => throw new NotSupportedException();

        public long AskArrivalOfLast() => arrival;

        public void Dispose()
        {
        }
    }
}
