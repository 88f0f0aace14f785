using UdpPS.Listening;
using Xunit;

namespace UdpPS.Tests.Engine;

public sealed class BacklogTests
{
    private const int Half = (int)(Backlog.MaximumBytes / 2);

    private int _unread;

    [Fact]
    public void So_many_messages_are_held_until_they_are_delivered()
    {
        var backlog = new Backlog(2);
        Assert.True(backlog.TryAdd(1));
        Assert.True(backlog.TryAdd(1));
        Assert.False(backlog.TryAdd(1));
        backlog.BeginDelivery(1);
        Assert.True(backlog.TryAdd(1));
        Assert.False(backlog.TryAdd(0));
        backlog.Remove(1);
        Assert.True(backlog.TryAdd(0));
        Assert.False(backlog.IsNoticeDue);
    }

    [Fact]
    public void So_many_bytes_are_held()
    {
        var backlog = new Backlog(100);
        Assert.True(backlog.TryAdd(Half));
        Assert.False(backlog.TryAdd(Half + 1));
        Assert.True(backlog.TryAdd(Half));
        Assert.False(backlog.TryAdd(1));
        Assert.True(backlog.TryAdd(0));
        backlog.BeginDelivery(Half);
        Assert.True(backlog.TryAdd(Half));
    }

    [Fact]
    public void What_was_delivered_is_held_until_it_is_read()
    {
        var backlog = new Backlog(3);
        backlog.KeepUntilRead(() => _unread);
        Deliver(backlog, Half);
        Deliver(backlog, Half);
        Assert.False(backlog.TryAdd(1));

        // The first is read, and then the second.
        _unread--;
        Assert.True(backlog.TryAdd(Half));
        Assert.False(backlog.TryAdd(1));
        _unread--;
        Assert.True(backlog.TryAdd(1));
        Assert.True(backlog.TryAdd(1));
        Assert.False(backlog.TryAdd(1));
    }

    [Fact]
    public void A_full_output_is_told_once()
    {
        var backlog = new Backlog(1);
        backlog.KeepUntilRead(() => _unread);
        Assert.True(backlog.TryAdd(1));

        // It waits, and is not in the output yet.
        Assert.False(backlog.TryAdd(1));
        Assert.False(backlog.IsNoticeDue);
        backlog.BeginDelivery(1);
        _unread++;
        backlog.EndDelivery(1);
        Assert.False(backlog.TryAdd(1));
        Assert.True(backlog.IsNoticeDue);
        Assert.True(backlog.TryTakeNotice());
        Assert.False(backlog.TryAdd(1));
        Assert.False(backlog.TryTakeNotice());
    }

    [Fact]
    public void And_once_more_when_somebody_has_read_it_since()
    {
        var backlog = new Backlog(1);
        backlog.KeepUntilRead(() => _unread);
        Deliver(backlog, 1);
        Assert.False(backlog.TryAdd(1));
        Assert.True(backlog.TryTakeNotice());
        _unread--;
        Deliver(backlog, 1);
        Assert.False(backlog.IsNoticeDue);
        Assert.False(backlog.TryAdd(1));
        Assert.True(backlog.TryTakeNotice());
    }

    private void Deliver(Backlog backlog, int length)
    {
        Assert.True(backlog.TryAdd(length));
        backlog.BeginDelivery(length);
        _unread++;
        backlog.EndDelivery(length);
    }
}
