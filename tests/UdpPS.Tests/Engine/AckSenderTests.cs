using System;
using System.Linq;
using System.Net;
using System.Text;
using UdpPS.Listening;
using UdpPS.Sockets;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Engine;

public sealed class AckSenderTests : IDisposable
{
    private readonly FakeListenerSocket _socket = new();
    private readonly ListenerCounters _counters = new();
    private readonly AckSender _acks;
    private int _peers;

    public AckSenderTests() => _acks = Over(_socket);

    public void Dispose() => _socket.Dispose();

    [Fact]
    public void Acks_wait_for_each_other_and_leave_together()
    {
        Acknowledge("a", "b", "c");
        Assert.Empty(_socket.Sends);
        _acks.Flush();
        Assert.Equal([["a", "b", "c"]], _socket.Sends);
        Assert.Equal(3, _counters.Acknowledged.Value);
        _acks.Flush();
        Assert.Single(_socket.Sends);
    }

    [Fact]
    public void As_many_as_one_call_takes_wait_no_longer()
    {
        string[] texts = [.. Enumerable.Range(0, 65).Select(i => $"{i}")];
        Acknowledge(texts);
        Assert.Equal([.. texts[..64]], Assert.Single(_socket.Sends));
        _acks.Flush();
        Assert.Equal(["64"], _socket.Sends[1]);
    }

    [Fact]
    public void None_waits_where_nothing_is_gained_by_it()
    {
        using var socket = new FakeListenerSocket { BatchLength = 1 };
        AckSender acks = Over(socket);
        Assert.True(Acknowledge(acks, "a", isUrgent: false));
        Assert.True(Acknowledge(acks, "b", isUrgent: false));
        Assert.Equal([["a"], ["b"]], socket.Sends);
        socket.Unsendable.Add("never");
        Assert.False(Acknowledge(acks, "never", isUrgent: false));
    }

    [Fact]
    public void One_that_cannot_be_sent_does_not_hold_up_the_others()
    {
        _socket.Unsendable.UnionWith(["b", "c"]);
        Acknowledge("a", "b", "c", "d");
        _acks.Flush();
        Assert.Equal([["a"], ["d"]], _socket.Sends);
        Assert.Equal(2, _counters.Acknowledged.Value);
        Assert.Equal(2, _counters.Errors.Value);
    }

    [Fact]
    public void An_urgent_one_leaves_at_once_after_those_that_wait_and_tells_whether_it_did()
    {
        _socket.Unsendable.Add("never");
        Acknowledge("a");
        Assert.True(Acknowledge(_acks, "b", isUrgent: true));
        Assert.Equal([["a"], ["b"]], _socket.Sends);
        Assert.False(Acknowledge(_acks, "never", isUrgent: true));
    }

    [Fact]
    public void One_that_is_withheld_is_counted_and_does_not_leave()
    {
        AckOutcome outcome = _acks.Acknowledge(Message(Encoding.UTF8.GetBytes("same")), "same"u8.ToArray(), isUrgent: false);
        Assert.Equal(AckSuppression.OwnAck, outcome.Suppression);
        Assert.False(outcome.IsSent);
        _acks.Flush();
        Assert.Empty(_socket.Sends);
        Assert.Equal(1, _counters.SuppressedAcks.Value);
    }

    [Fact]
    public void The_first_that_is_withheld_in_a_loop_says_so()
    {
        AckOutcome[] outcomes = [.. Enumerable.Range(0, 2500).Select(
            _ => _acks.Acknowledge(Sample.Message("198.51.100.7:5000", "again", at: 0), [1], isUrgent: false))];
        Assert.Equal(
            [(AckSuppression.Loop, false, true), (AckSuppression.Loop, false, false)],
            outcomes.Where(outcome => !outcome.IsSent || outcome.IsNewLoop)
                .Select(outcome => (outcome.Suppression, outcome.IsSent, outcome.IsNewLoop)));
        Assert.Equal(2, _counters.SuppressedAcks.Value);
    }

    [Theory]
    [InlineData(null, AckSuppression.TooLarge)]
    [InlineData("198.51.100.0/24", AckSuppression.None)]
    public void Only_sources_that_were_named_may_be_answered_at_any_length(string? named, object expected)
    {
        AckSender acks = Over(_socket, new ListenerOptions { AllowFrom = named is null ? null : AllowList.Parse([named]) });
        Assert.Equal(
            expected,
            acks.Acknowledge(Sample.Message("198.51.100.7:5000", "a"), new byte[1000], isUrgent: false).Suppression);
    }

    [Theory]
    [InlineData("0.0.0.0", "192.0.2.10", "192.0.2.10")]
    [InlineData("::", "2001:db8::1", "2001:db8::1")]
    [InlineData("0.0.0.0", "239.255.40.1", null)]
    [InlineData("::", "ff15::1", null)]
    [InlineData("0.0.0.0", "255.255.255.255", null)]
    [InlineData("192.0.2.10", "192.0.2.10", null)]
    public void On_every_address_it_leaves_from_the_one_that_was_asked(string bound, string asked, string? source)
    {
        using var socket = new FakeListenerSocket { LocalEndPoint = new IPEndPoint(IPAddress.Parse(bound), 4010) };
        AckSender acks = Over(socket);
        acks.Acknowledge(Message([], asked), [1], isUrgent: true);
        Assert.Equal([source], socket.Sources.Select(address => address?.ToString()));
    }

    [Fact]
    public void Once_the_socket_is_closed_nothing_is_sent_and_nothing_fails()
    {
        Acknowledge("a");
        _socket.IsClosed = true;
        _acks.Flush();
        Assert.False(Acknowledge(_acks, "b", isUrgent: true));
        Assert.Equal(0, _counters.Acknowledged.Value + _counters.Errors.Value);
    }

    private AckSender Over(IListenerSocket socket, ListenerOptions? options = null) =>
        new(options ?? new ListenerOptions(), socket, _counters, LocalAddresses.OfMachine);

    private void Acknowledge(params string[] texts)
    {
        foreach (string text in texts)
        {
            Assert.True(Acknowledge(_acks, text, isUrgent: false));
        }
    }

    private bool Acknowledge(AckSender acks, string text, bool isUrgent) =>
        acks.Acknowledge(Message([]), Encoding.UTF8.GetBytes(text), isUrgent).IsSent;

    // Each from a port of its own, as from our own sender.
    private UdpMessage Message(byte[] payload, string localAddress = "127.0.0.1") => new(
        payload,
        new IPEndPoint(IPAddress.Loopback, 50_000 + _peers++),
        IPAddress.Parse(localAddress),
        localPort: 4010,
        sequence: 1,
        DateTime.UtcNow,
        receivedTimestamp: 1,
        Encoding.UTF8);
}
