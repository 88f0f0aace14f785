using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using UdpPS.Sending;
using UdpPS.Sockets;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Engine;

/// <summary>A port that the user fixed serves the whole process, and no reply there is guessed to be a message's.</summary>
public sealed class FixedPortTests : IDisposable
{
    private readonly RawSocket _peer = new();
    private readonly RawSocket _other = new();
    private readonly int _port = Ports.Free();
    private readonly List<UdpSender> _senders = [];

    public void Dispose()
    {
        _senders.ForEach(sender => sender.Dispose());
        _peer.Dispose();
        _other.Dispose();
    }

    [Fact]
    public void It_carries_message_after_message_of_any_command_and_is_free_then()
    {
        for (int i = 0; i < 5; i++)
        {
            UdpSentMessage message = Send(_peer, $"{i}");
            Assert.Equal(_port, message.LocalPort);
            Answer(_peer, $"ack {i}");
            Assert.Equal($"ack {i}", SentMessages.Collect([message]).Single().Ack!.Message);
            Ports.AssertFree(_port);
        }
    }

    [Fact]
    public void It_tells_peers_apart_while_messages_to_both_are_open()
    {
        UdpSentMessage one = Send(_peer, "one");
        UdpSentMessage other = Send(_other, "other");
        Answer(_other, "ack other");
        Answer(_peer, "ack one");
        List<AckEvent> settled = SentMessages.Collect([one, other]);
        Assert.All(settled, ack => Assert.Equal("ack " + ack.Message.Message, ack.Ack!.Message));
    }

    [Fact]
    public void Of_two_that_are_open_to_one_peer_none_is_guessed_to_be_acknowledged()
    {
        UdpSentMessage[] sent = [Send(_peer, "a"), Send(_peer, "b")];
        Answer(_peer, "ack");
        foreach (AckEvent one in SentMessages.Collect(sent, timeout: 0.1))
        {
            Assert.Equal(UdpSendStatus.NoReply, one.Message.Status);
            Assert.Equal(
                $"a reply came to port {_port} that may belong to another message from there, which was open or left unanswered within "
                + "two minutes",
                one.Message.Reason);
            Assert.True(one.Message.Exchange!.IsAmbiguous);
        }
    }

    [Fact]
    public void One_that_is_answered_before_the_next_leaves_leaves_no_doubt()
    {
        UdpSentMessage[] sent = new UdpSentMessage[20];
        for (int i = 0; i < sent.Length; i++)
        {
            sent[i] = Send(_peer, $"{i}");
            Answer(_peer, $"ack {i}");
        }

        Assert.All(SentMessages.Collect(sent), one => Assert.Equal("ack " + one.Message.Message, one.Ack!.Message));
    }

    [Fact]
    public void After_one_that_was_left_unanswered_no_reply_of_its_peer_counts_but_those_of_others_do()
    {
        UdpSentMessage first = Send(_peer, "a");
        IPEndPoint from = Receive(_peer);
        Assert.Equal(UdpSendStatus.NoReply, SentMessages.Collect([first], timeout: 0.05).Single().Message.Status);

        UdpSentMessage second = Send(_peer, "b");
        UdpSentMessage third = Send(_other, "c");
        _peer.SendTo(from, "ack a");
        Answer(_other, "ack c");
        List<AckEvent> settled = SentMessages.Collect([second, third], timeout: 0.3);
        Assert.Equal("ack c", settled.Single(one => one.Message == third).Ack!.Message);
        Assert.Equal(UdpSendStatus.NoReply, second.Status);
        Assert.True(second.Exchange!.IsAmbiguous);
    }

    [Fact]
    public void One_that_was_sent_twice_and_answered_once_may_be_answered_late()
    {
        UdpSentMessage first = Send(_peer, "a");
        using (AckCollector collector = SentMessages.Collector(timeout: 0.05, retries: 5))
        {
            collector.Add(first);
            while (first.Attempts < 2)
            {
                collector.Wait(CancellationToken.None);
            }

            IPEndPoint from = Receive(_peer);
            _peer.SendTo(from, "ack a");
            Assert.Equal("ack a", SentMessages.Drain(collector).Single().Ack!.Message);
        }

        _peer.Drain();
        UdpSentMessage second = Send(_peer, "b");
        Answer(_peer, "ack a");
        Assert.Equal(UdpSendStatus.NoReply, SentMessages.Collect([second], timeout: 0.1).Single().Message.Status);
    }

    [Fact]
    public void A_peer_that_replies_more_often_than_it_is_asked_is_not_believed()
    {
        UdpSentMessage first = Send(_peer, "a");
        IPEndPoint from = Receive(_peer);
        _peer.SendTo(from, "ack a");
        _peer.SendTo(from, "ack a");
        UdpSentMessage second = Send(_peer, "b");
        Answer(_peer, "ack b");
        List<AckEvent> settled = SentMessages.Collect([first, second], timeout: 0.1);
        Assert.Equal("ack a", settled.Single(one => one.Message == first).Ack!.Message);
        Assert.Equal(UdpSendStatus.NoReply, second.Status);
    }

    [Fact]
    public void A_stranger_is_not_heard_and_leaves_no_doubt()
    {
        UdpSentMessage message = Send(_peer, "a");
        _other.SendTo(_port, "forged");
        Answer(_peer, "ack");
        Assert.Equal("ack", SentMessages.Collect([message]).Single().Ack!.Message);
    }

    [Fact]
    public void A_closed_port_costs_no_other_peer_its_message_and_is_no_late_answer()
    {
        Assert.SkipUnless(LinuxCalls.IsSupported, "Elsewhere nobody can tell whose report it is.");
        var closed = new IPEndPoint(IPAddress.Loopback, Ports.Closed());
        for (int i = 0; i < 20; i++)
        {
            UdpSentMessage refused = SentMessages.Send(NewSender(), "refused", closed);
            UdpSentMessage heard = Send(_peer, "heard");
            Answer(_peer, "ack");
            SentMessages.Collect([refused, heard]);
            Assert.Equal((UdpSendStatus.PortClosed, UdpSendStatus.Acknowledged), (refused.Status, heard.Status));
        }
    }

    [Fact]
    public void A_message_that_was_reported_on_leaves_no_doubt()
    {
        Assert.SkipUnless(LinuxCalls.IsSupported, "Elsewhere nobody can tell whose report it is.");
        var remote = new IPEndPoint(IPAddress.Loopback, Ports.Free());
        UdpSentMessage refused = SentMessages.Send(NewSender(), "a", remote);
        Assert.Equal(UdpSendStatus.PortClosed, SentMessages.Collect([refused]).Single().Message.Status);

        using var peer = new UdpClient(remote);
        UdpSentMessage heard = SentMessages.Send(NewSender(), "b", remote);
        IPEndPoint? from = null;
        peer.Receive(ref from);
        peer.Send([1], 1, from);
        Assert.Equal(UdpSendStatus.Acknowledged, SentMessages.Collect([heard]).Single().Message.Status);
    }

    [Fact]
    public void Whoever_waits_reads_for_all()
    {
        UdpSentMessage one = Send(_peer, "one");
        UdpSentMessage other = Send(_other, "other");
        using AckCollector waiting = SentMessages.Collector();
        using AckCollector late = SentMessages.Collector();
        waiting.Add(one);
        late.Add(other);
        Answer(_other, "ack other");
        Answer(_peer, "ack one");
        Assert.Equal("ack one", SentMessages.Drain(waiting).Single().Ack!.Message);
        Assert.Equal("ack other", SentMessages.Drain(late).Single().Ack!.Message);
    }

    [Fact]
    public void Two_threads_share_it()
    {
        const int Messages = 200;
        var failures = new List<string>();
        Thread[] threads = new[] { _peer, _other }.SelectMany(peer => new[] { new Thread(() => Ask(peer)), new Thread(() => Echo(peer)) })
            .ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.Empty(failures);

        void Ask(RawSocket peer)
        {
            using var sender = new UdpSender(new SendOptions { LocalPort = _port });
            for (int i = 0; i < Messages; i++)
            {
                UdpSentMessage message = SentMessages.Send(sender, $"{i}", peer.EndPoint);
                AckEvent settled = SentMessages.Collect([message]).Single();
                if (settled.Ack?.Message != $"{i}")
                {
                    lock (failures)
                    {
                        failures.Add($"{i}: {settled.Message.Status} {settled.Ack?.Message} {settled.Message.Reason}");
                    }
                }
            }
        }

        static void Echo(RawSocket peer)
        {
            for (int i = 0; i < Messages; i++)
            {
                string text = peer.Receive(out IPEndPoint from);
                peer.SendTo(from, text);
            }
        }
    }

    [Fact]
    public void What_nobody_has_asked_about_there_expires_when_somebody_else_needs_the_port()
    {
        UdpSentMessage message = Send(_peer, "a");
        SenderResources.OfProcess.FixedPorts.GiveUp(IPAddress.Parse("127.0.0.2"), _port + 1);
        Assert.False(message.Exchange!.IsClosed);
        SenderResources.OfProcess.FixedPorts.GiveUp(IPAddress.Loopback, _port);
        Ports.AssertFree(_port);
        Assert.Equal("a listener has taken over its port", message.Reason);
        Assert.Equal(UdpSendStatus.Sent, SentMessages.Collect([message]).Single().Message.Status);
    }

    [Theory]
    [InlineData("127.0.0.2", 0, true)]
    [InlineData("127.0.0.1", 0, false)]
    [InlineData("127.0.0.2", 1, false)]
    [InlineData("0.0.0.0", 0, true)]
    [InlineData(null, 0, true)]
    public void Only_what_needs_the_same_address_and_port_takes_it_over(string? address, int offset, bool isTaken)
    {
        UdpSentMessage message = Send(
            _peer, "a", new SendOptions { LocalAddress = IPAddress.Parse("127.0.0.2"), LocalPort = _port });
        SenderResources.GiveUp(address is null ? null : IPAddress.Parse(address), _port + offset);
        Assert.Equal(isTaken, message.Exchange!.IsClosed);
    }

    [Fact]
    public void What_cannot_be_sent_leaves_the_port_free_and_no_socket_is_opened_ahead()
    {
        var socket = new FakePeerSocket();
        const int other = 1;
        var free = new FreePorts([_port, other]);
        var resources = new SenderResources(socket, free, 100);
        using (var sender = new UdpSender(new SendOptions { LocalPort = _port }, resources))
        {
            for (int i = 0; i < 3; i++)
            {
                UdpSentMessage message = SentMessages.Send(sender, "a", _peer.EndPoint);
                Assert.True(free.TryTake(out int spare));
                Assert.Equal(other, spare);
                Assert.False(free.TryTake(out _));
                free.Return(spare);
                message.Exchange!.Close();
                Assert.True(socket.IsClosed);
            }

            Assert.Equal(0, socket.Opened);
            socket.SendErrors.Enqueue(SocketError.NetworkUnreachable);
            Assert.Throws<SocketException>(() => SentMessages.Send(sender, "a", _peer.EndPoint));
        }

        // It is there for messages without a port of the user's.
        Assert.True(free.TryTake(out int one));
        Assert.True(free.TryTake(out int two));
        Assert.Equal([other, _port], new[] { one, two }.Order());
    }

    [Fact]
    public void A_reply_that_nobody_looked_for_when_it_came_has_no_round_trip()
    {
        UdpSentMessage message = Send(_peer, "a");
        Answer(_peer, "ack");
        var since = Stopwatch.StartNew();
        Until.True(() => since.ElapsedMilliseconds > 5, "the reply has waited");
        UdpAck ack = SentMessages.Collect([message]).Single().Ack!;
        Assert.Equal("ack", ack.Message);
        Assert.Null(ack.RoundTripMilliseconds);
    }

    [Fact]
    public void An_empty_datagram_acknowledges_nothing_and_an_ack_after_it_counts()
    {
        UdpSentMessage message = Send(_peer, "a");
        IPEndPoint from = Receive(_peer);
        _peer.SendTo(from, "");
        _peer.SendTo(from, "ack");
        Assert.Equal("ack", SentMessages.Collect([message]).Single().Ack!.Message);

        // It may belong to each that is open, and is no ambiguous reply.
        UdpSentMessage[] two = [Send(_peer, "b"), Send(_peer, "c")];
        Answer(_peer, "");
        foreach (AckEvent one in SentMessages.Collect(two, timeout: 0.1))
        {
            Assert.Equal($"an empty datagram came from {_peer.EndPoint}, which acknowledges nothing", one.Message.Reason);
            Assert.False(one.Message.Exchange!.IsAmbiguous);
        }
    }

    [Fact]
    public void A_message_that_nobody_will_ask_about_shares_it_and_may_be_answered_late()
    {
        UdpSentMessage message = Send(_peer, "a");
        CancellationToken stop = TestContext.Current.CancellationToken;
        using (var sender = new OneWaySender(new SendOptions { LocalPort = _port }, SenderResources.OfProcess))
        {
            sender.Send(new OneWayMessage(null!, [1], null), _other.EndPoint, stop);
            sender.Flush(stop);
        }

        IPEndPoint from = Receive(_other);
        Assert.Equal(_port, from.Port);
        UdpSentMessage next = Send(_other, "b");
        _other.SendTo(from, "late");
        Answer(_peer, "ack");
        Assert.Equal("ack", SentMessages.Collect([message]).Single().Ack!.Message);
        Assert.Equal(UdpSendStatus.NoReply, SentMessages.Collect([next], timeout: 0.1).Single().Message.Status);
        Assert.True(next.Exchange!.IsAmbiguous);
    }

    [Theory]
    [InlineData(4096, UdpSendStatus.Acknowledged)]
    [InlineData(4097, UdpSendStatus.NoReply)]
    public void After_more_peers_than_are_remembered_no_reply_counts(int unanswered, UdpSendStatus status)
    {
        var socket = new FakePeerSocket();
        var resources = new SenderResources(socket, new FreePorts([1, 2, 3, 4]), 100);
        using var sender = new UdpSender(new SendOptions { LocalPort = _port }, resources);
        for (int i = 0; i < unanswered; i++)
        {
            SentMessages.Send(sender, "a", new IPEndPoint(new IPAddress([10, 0, (byte)(i >> 8), (byte)i]), 9)).Exchange!.Close();
        }

        UdpSentMessage message = SentMessages.Send(sender, "b", _peer.EndPoint);
        socket.Datagrams.Enqueue(new Datagram([1], _peer.EndPoint, null));
        using AckCollector collector = SentMessages.Collector(timeout: 0.05, factory: socket);
        collector.Add(message);
        SentMessages.Drain(collector);
        Assert.Equal(status, message.Status);
    }

    [Theory]
    [InlineData(1252, 0, UdpSendStatus.NoReply)]
    [InlineData(1253, 0, UdpSendStatus.Unreachable)]
    [InlineData(1253, 1, UdpSendStatus.NoReply)]
    public void What_the_path_takes_concerns_longer_messages_to_that_peer_alone(int length, int offset, UdpSendStatus status)
    {
        var socket = new FakePeerSocket();
        var resources = new SenderResources(socket, new FreePorts(Enumerable.Range(1, 40).ToArray()), 100);
        using var sender = new UdpSender(new SendOptions { LocalPort = _port }, resources);
        UdpSentMessage[] sent =
        [
            SentMessages.Send(sender, new string('x', length), _peer.EndPoint), SentMessages.Send(sender, "short", _peer.EndPoint),
        ];
        var to = new IPEndPoint(_peer.EndPoint.Address, _peer.Port + offset);
        socket.Reports.Enqueue(new IcmpError(IcmpErrorKind.TooBig, SocketError.MessageSize, IPAddress.Parse("192.0.2.1"), to, PathMtu: 1280));
        using AckCollector collector = SentMessages.Collector(timeout: 0.05, factory: socket);
        Array.ForEach(sent, collector.Add);
        SentMessages.Drain(collector);
        Assert.Equal([status, UdpSendStatus.NoReply], sent.Select(one => one.Status));
    }

    // The system says so of what it has no room for itself, and says it of nothing that has left.
    [Fact]
    public void What_the_path_does_not_take_is_told_with_its_size_and_concerns_nothing_that_has_left()
    {
        var socket = new FakePeerSocket
        {
            Refusal = new IcmpError(IcmpErrorKind.TooBig, SocketError.MessageSize, Destination: _peer.EndPoint, PathMtu: 1280),
        };
        var resources = new SenderResources(socket, new FreePorts([_port]), 100);
        using var sender = new UdpSender(new SendOptions { LocalPort = _port, DontFragment = true }, resources);
        UdpSentMessage left = SentMessages.Send(sender, new string('x', 2000), _peer.EndPoint);
        socket.SendErrors.Enqueue(SocketError.MessageSize);
        socket.SendErrors.Enqueue(SocketError.MessageSize);
        var refused = Assert.Throws<PathMtuException>(() => SentMessages.Send(sender, new string('x', 2000), _peer.EndPoint));
        Assert.Equal(1280, refused.PathMtu);
        Assert.Empty(socket.SendErrors);
        socket.Datagrams.Enqueue(new Datagram([1], _peer.EndPoint, null));
        using AckCollector collector = SentMessages.Collector(factory: socket);
        collector.Add(left);
        SentMessages.Drain(collector);
        Assert.Equal(UdpSendStatus.Acknowledged, left.Status);
    }

    [Fact]
    public void What_somebody_waits_for_keeps_the_port()
    {
        UdpSentMessage message = Send(_peer, "a");
        using AckCollector collector = SentMessages.Collector();
        collector.Add(message);
        SenderResources.OfProcess.FixedPorts.GiveUp(null, _port);
        Assert.Equal(
            SocketError.AddressAlreadyInUse,
            Assert.Throws<PortUnavailableException>(() => Send(_peer, "b", new SendOptions { LocalPort = _port, MaxHops = 3 }))
                .SocketErrorCode);
        Answer(_peer, "ack");
        Assert.Equal("ack", SentMessages.Drain(collector).Single().Ack!.Message);
    }

    [Fact]
    public void A_command_with_other_socket_options_has_them()
    {
        UdpSentMessage first = Send(_peer, "a");
        UdpSentMessage second = Send(_other, "b", new SendOptions { LocalPort = _port, MaxHops = 3 });
        Receive(_other);
        Assert.Equal("a message with other socket options has left from its port", first.Reason);
        Assert.Equal(_port, second.LocalPort);
        Socket raw = RawPeerSocket.Of(((IPeerSocket)typeof(Exchange)
            .GetField("_socket", System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic)!
            .GetValue(second.Exchange)!).Polled);
        Assert.Equal(3, raw.Ttl);
    }

    private UdpSender NewSender(SendOptions? options = null)
    {
        _senders.Add(new UdpSender(options ?? new SendOptions { LocalPort = _port }));
        return _senders[^1];
    }

    private UdpSentMessage Send(RawSocket peer, string text, SendOptions? options = null) =>
        SentMessages.Send(NewSender(options), text, peer.EndPoint);

    private static IPEndPoint Receive(RawSocket peer)
    {
        peer.Receive(out IPEndPoint from);
        return from;
    }

    private static void Answer(RawSocket peer, string text) => peer.SendTo(Receive(peer), text);
}
