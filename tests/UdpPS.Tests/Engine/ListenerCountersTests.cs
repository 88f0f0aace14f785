using UdpPS.Listening;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Engine;

public sealed class ListenerCountersTests
{
    private readonly ListenerCounters _counters = new();

    [Fact]
    public void Each_count_is_told_as_what_it_counts()
    {
        _counters.Received.Add(1);
        _counters.Delivered.Add(2);
        _counters.Acknowledged.Add(3);
        _counters.Dropped.Add(4);
        _counters.Denied.Add(5);
        _counters.SuppressedAcks.Add(6);
        _counters.Duplicates.Add(7);
        _counters.Errors.Add(8);
        using var socket = new FakeListenerSocket { DroppedBySystem = 10 };
        UdpListenerStatistics told = _counters.ToStatistics(socket);
        Assert.Equal(1, told.Received);
        Assert.Equal(2, told.Delivered);
        Assert.Equal(3, told.Acknowledged);
        Assert.Equal(14, told.Dropped);
        Assert.Equal(5, told.Denied);
        Assert.Equal(6, told.SuppressedAcks);
        Assert.Equal(7, told.Duplicates);
        Assert.Equal(8, told.Errors);
    }

    [Fact]
    public void What_the_system_dropped_is_known_after_the_socket_is_closed()
    {
        using var socket = new FakeListenerSocket { DroppedBySystem = 10 };
        _counters.KeepSystemDrops(socket);
        socket.DroppedBySystem = 0;
        Assert.Equal(10, _counters.ToStatistics(socket).Dropped);
    }
}
