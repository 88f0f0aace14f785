using System;
using System.Linq;
using System.Net;
using System.Text;
using UdpPS.Listening;
using UdpPS.Sockets;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Engine;

public sealed class AckOutboxTests : IDisposable
{
    private readonly FakeSocket _socket = new();
    private readonly ListenerCounters _counters = new();
    private readonly AckOutbox _outbox;

    public AckOutboxTests() => _outbox = new AckOutbox(_socket, _counters);

    public void Dispose() => _socket.Dispose();

    [Fact]
    public void Acks_wait_for_each_other_and_leave_together()
    {
        Add("a", "b", "c");
        Assert.Empty(_socket.Sends);
        _outbox.Flush();
        Assert.Equal([["a", "b", "c"]], _socket.Sends);
        Assert.Equal(3, _counters.Acknowledged.Value);
        _outbox.Flush();
        Assert.Single(_socket.Sends);
    }

    [Fact]
    public void As_many_as_one_call_takes_wait_no_longer()
    {
        string[] texts = [.. Enumerable.Range(0, 65).Select(i => $"{i}")];
        Add(texts);
        Assert.Equal([.. texts[..64]], Assert.Single(_socket.Sends));
    }

    [Fact]
    public void None_waits_for_a_later_one()
    {
        _outbox.Add(Ack("a"), Sample.Ticks(0));
        _outbox.Add(Ack("b"), Sample.Ticks(0.0001));
        Assert.Empty(_socket.Sends);
        _outbox.Add(Ack("c"), Sample.Ticks(0.0003));
        Assert.Equal([["a", "b", "c"]], _socket.Sends);
    }

    [Fact]
    public void None_waits_while_the_pipeline_takes_its_time_over_messages()
    {
        Add("a");
        _outbox.Add(Ack("b"), Sample.Ticks(0.1));
        Assert.Equal([["a", "b"]], _socket.Sends);
        string[] texts = [.. Enumerable.Range(0, 64).Select(i => $"{i}")];
        foreach (string text in texts)
        {
            _outbox.Add(Ack(text), Sample.Ticks(0.1001));
        }

        Assert.Equal([.. texts[..63].Select(text => new[] { text })], _socket.Sends[1..]);
    }

    [Fact]
    public void None_waits_where_nothing_is_gained_by_it()
    {
        using var socket = new FakeSocket { SendsInBatches = false };
        var outbox = new AckOutbox(socket, _counters);
        outbox.Add(Ack("a"), 0);
        outbox.Add(Ack("b"), 0);
        Assert.Equal([["a"], ["b"]], socket.Sends);
    }

    [Fact]
    public void None_waits_while_nobody_looks_after_them()
    {
        Add("a");
        _outbox.Leave();
        Assert.Equal([["a"]], _socket.Sends);
        Add("b");
        Assert.Equal([["a"], ["b"]], _socket.Sends);
        _outbox.Attend();
        Add("c");
        Assert.Equal(2, _socket.Sends.Count);
    }

    [Fact]
    public void One_that_cannot_be_sent_does_not_hold_up_the_others()
    {
        _socket.Unsendable.UnionWith(["b", "c"]);
        Add("a", "b", "c", "d");
        _outbox.Flush();
        Assert.Equal([["a"], ["d"]], _socket.Sends);
        Assert.Equal(2, _counters.Acknowledged.Value);
        Assert.Equal(2, _counters.Errors.Value);
    }

    [Fact]
    public void An_urgent_one_leaves_at_once_after_those_that_wait_and_tells_whether_it_did()
    {
        _socket.Unsendable.Add("never");
        Add("a");
        Assert.True(_outbox.Send(Ack("b")));
        Assert.Equal([["a"], ["b"]], _socket.Sends);
        Assert.False(_outbox.Send(Ack("never")));
    }

    [Fact]
    public void Once_the_socket_is_closed_nothing_is_sent_and_nothing_fails()
    {
        Add("a");
        _socket.IsClosed = true;
        _outbox.Flush();
        Assert.False(_outbox.Send(Ack("b")));
        Assert.Equal(0, _counters.Acknowledged.Value + _counters.Errors.Value);
    }

    private void Add(params string[] texts)
    {
        foreach (string text in texts)
        {
            _outbox.Add(Ack(text), now: 0);
        }
    }

    private static Datagram Ack(string text) => new(Encoding.UTF8.GetBytes(text), new IPEndPoint(IPAddress.Loopback, 1), null);
}
