using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Threading;
using UdpPS.Sending;
using UdpPS.Sockets;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Engine;

/// <summary>Which reply belongs to which message, and what becomes of those that nobody asks about.</summary>
public sealed class ExchangeTests : IDisposable
{
    private readonly RawSocket _peer = new();
    private readonly UdpSender _sender = new(new SendOptions());

    public void Dispose()
    {
        _sender.Dispose();
        _peer.Dispose();
    }

    [Fact]
    public void Messages_in_flight_have_a_port_each_and_replies_in_reverse_order_find_them()
    {
        using AckCollector collector = SentMessages.Collector();
        var sent = new List<UdpSentMessage>();
        var requests = new Stack<(string Text, IPEndPoint From)>();
        for (int i = 0; i < 64; i++)
        {
            sent.Add(Send($"message {i}"));
            collector.Add(sent[i]);
            requests.Push((_peer.Receive(out IPEndPoint from), from));
        }

        Assert.Equal(64, sent.Select(message => message.LocalPort).Distinct().Count());
        while (requests.TryPop(out (string Text, IPEndPoint From) request))
        {
            _peer.SendTo(request.From, "ack " + request.Text);
        }

        List<AckEvent> settled = SentMessages.Drain(collector);
        Assert.Equal(64, settled.Count);
        Assert.All(settled, one => Assert.Equal("ack " + one.Message.Message, one.Ack!.Message));
    }

    [Fact]
    public void A_port_is_used_again_only_after_all_others()
    {
        const int Count = 12;
        using var sender = new UdpSender(new SendOptions(), Few(Count));
        int[] ports = Enumerable.Range(0, 5 * Count).Select(_ => Exchange(sender)).ToArray();
        int used = ports.Distinct().Count();
        Assert.InRange(used, Count / 2, Count);
        Assert.All(Enumerable.Range(0, ports.Length - used), i => Assert.Equal(ports[i], ports[i + used]));
    }

    [Fact]
    public void A_port_that_was_held_through_a_turn_of_all_others_comes_last()
    {
        const int Count = 12;
        using var sender = new UdpSender(new SendOptions(), Few(Count));
        UdpSentMessage held = SentMessages.Send(sender, "held", _peer.EndPoint);
        using (AckCollector collector = SentMessages.Collector(timeout: 0.05))
        {
            collector.Add(held);
            _peer.Receive();
            Assert.DoesNotContain(held.LocalPort, Enumerable.Range(0, 2 * Count).Select(_ => Exchange(sender)));
            Assert.Equal(UdpSendStatus.NoReply, SentMessages.Drain(collector).Single().Message.Status);
        }

        int[] next = Enumerable.Range(0, 2 * Count).Select(_ => Exchange(sender)).ToArray();
        int turn = Array.IndexOf(next, held.LocalPort);
        Assert.Equal(next.Distinct().Count() - 1, turn);
    }

    [Fact]
    public void A_peer_that_replies_twice_never_acknowledges_the_message_of_another()
    {
        const int Count = 40;
        using var sender = new UdpSender(new SendOptions(), Few(Count));
        var late = new Queue<(IPEndPoint From, string Text)>();
        for (int i = 0; i < 4 * Count; i++)
        {
            UdpSentMessage message = SentMessages.Send(sender, $"{i}", _peer.EndPoint);
            string text = "ack " + _peer.Receive(out IPEndPoint from);
            _peer.SendTo(from, text);
            late.Enqueue((from, text));
            Assert.Equal($"ack {i}", SentMessages.Collect([message]).Single().Ack!.Message);
            if (late.Count > Count / 2)
            {
                (IPEndPoint to, string again) = late.Dequeue();
                _peer.SendTo(to, again);
            }
        }
    }

    [Fact]
    public void A_reply_that_came_before_the_message_left_is_none()
    {
        var socket = new FakePeerSocket();
        for (int i = 0; i < 3; i++)
        {
            socket.Datagrams.Enqueue(new Datagram([1], _peer.EndPoint, null));
        }

        using var sender = new UdpSender(new SendOptions(), new SenderResources(socket, new FreePorts([1, 2, 3, 4]), 100));
        UdpSentMessage message = SentMessages.Send(sender, "a", _peer.EndPoint);
        Assert.Equal(0, message.Exchange!.ReplyCount);

        socket.Datagrams.Enqueue(new Datagram([2], _peer.EndPoint, null));
        using AckCollector collector = SentMessages.Collector(factory: socket);
        collector.Add(message);
        Assert.Equal([2], SentMessages.Drain(collector).Single().Ack!.Bytes);
        Assert.True(socket.IsClosed);
    }

    [Fact]
    public void What_cannot_be_sent_leaves_no_socket_open_and_its_port_free()
    {
        var socket = new FakePeerSocket();
        var ports = new FreePorts([1, 2, 3, 4]);
        using var sender = new UdpSender(new SendOptions(), new SenderResources(socket, ports, 100));
        socket.SendErrors.Enqueue(SocketError.NetworkUnreachable);
        UdpSentMessage message = SentMessages.New("a", _peer.EndPoint);
        Assert.Equal(SocketError.NetworkUnreachable, Assert.Throws<SocketException>(() => sender.Send(message)).SocketErrorCode);
        Assert.True(socket.IsClosed);
        Assert.Equal(4, ports.Count);
        Assert.Null(message.Exchange);
    }

    [Theory]
    [InlineData(SocketError.Success, SocketError.AddressAlreadyInUse)]
    [InlineData(SocketError.AccessDenied, SocketError.AddressAlreadyInUse)]
    [InlineData(SocketError.NetworkUnreachable, SocketError.NetworkUnreachable)]
    public void A_port_that_no_socket_was_opened_on_is_free_as_before(SocketError failure, SocketError told)
    {
        // Where opening would succeed, the port is the one that the message goes to.
        var socket = new FakePeerSocket
        {
            OpenFailure = failure switch
            {
                SocketError.Success => null,
                SocketError.AccessDenied => new PortUnavailableException(failure),
                _ => new SocketException((int)failure),
            },
        };
        var ports = new FreePorts([9]);
        var sockets = new ExchangeSockets(socket, ports);
        var remote = new IPEndPoint(IPAddress.Loopback, failure == SocketError.Success ? 9 : 10);
        SocketException exception = Assert.ThrowsAny<SocketException>(() => sockets.Open(remote, new SendOptions()));
        Assert.Equal(told, exception.SocketErrorCode);
        Assert.Equal(told == SocketError.AddressAlreadyInUse ? 1 : null, (exception as NoFreePortException)?.Total);
        Assert.Equal(1, ports.Count);
    }

    // The second message to a peer opens the socket of the third, which routes and addresses that change may make wrong.
    [Theory]
    [InlineData(60, 4)]
    [InlineData(-2, 5)]
    public void A_socket_that_was_opened_more_than_a_second_ago_is_not_used(int since, int opened)
    {
        var socket = new FakePeerSocket();
        using var sender = new UdpSender(
            new SendOptions(), new SenderResources(socket, new FreePorts(Enumerable.Range(1, 40).ToArray()), 100));
        SentMessages.Send(sender, "a", _peer.EndPoint);
        Assert.Equal(1, socket.Opened);
        SentMessages.Send(sender, "b", _peer.EndPoint);
        Assert.Equal(3, socket.Opened);
        typeof(UdpSender).GetField("_spareSince", BindingFlags.Instance | BindingFlags.NonPublic)!
            .SetValue(sender, Stopwatch.GetTimestamp() + (since * Stopwatch.Frequency));
        SentMessages.Send(sender, "c", _peer.EndPoint);
        Assert.Equal(opened, socket.Opened);
    }

    [Fact]
    public void A_socket_that_no_message_needs_closes_with_the_sender()
    {
        var ports = new FreePorts(Enumerable.Range(FirstOf(40), 40).ToArray());
        using (var sender = new UdpSender(new SendOptions(), new SenderResources(SocketFactory.Default, ports, 1000)))
        {
            SentMessages.Send(sender, "a", _peer.EndPoint);
            SentMessages.Send(sender, "b", _peer.EndPoint);
            Assert.Equal(37, ports.Count);
        }

        Assert.Equal(38, ports.Count);
    }

    [Fact]
    public void A_send_that_fails_by_the_report_on_an_earlier_one_is_tried_again()
    {
        var socket = new FakePeerSocket();
        using var sender = new UdpSender(new SendOptions(), new SenderResources(socket, new FreePorts([1, 2, 3, 4]), 100));
        UdpSentMessage message = SentMessages.Send(sender, "a", _peer.EndPoint);
        socket.SendErrors.Enqueue(SocketError.ConnectionRefused);
        socket.Reports.Enqueue(new IcmpError(IcmpErrorKind.PortUnreachable, SocketError.ConnectionRefused));
        message.Exchange!.Send(message.Bytes);
        Assert.Equal(2, socket.Sent.Count);
        Assert.Null(message.Exchange.Report);
        Assert.Equal(2, message.Attempts);

        socket.SendErrors.Enqueue(SocketError.NetworkUnreachable);
        SocketException exception = Assert.Throws<SocketException>(() => message.Exchange.Send(message.Bytes));
        Assert.Equal(SocketError.NetworkUnreachable, exception.SocketErrorCode);
        Assert.Equal(2, message.Attempts);
    }

    [Theory]
    [InlineData("::1", false, 2)]
    [InlineData("127.0.0.1", false, 1)]
    [InlineData("::1", true, 1)]
    public void What_an_IPv6_path_takes_in_parts_only_is_sent_again_once(string address, bool dontFragment, int sends)
    {
        var socket = new FakePeerSocket();
        var options = new SendOptions { DontFragment = dontFragment };
        using var sender = new UdpSender(options, new SenderResources(socket, new FreePorts([1, 2, 3, 4]), 100));
        UdpSentMessage message = SentMessages.Send(sender, "a", new IPEndPoint(IPAddress.Parse(address), 9));
        socket.Reports.Enqueue(new IcmpError(IcmpErrorKind.TooBig, SocketError.MessageSize, PathMtu: 1280));
        using AckCollector collector = SentMessages.Collector(timeout: 0.05, factory: socket);
        collector.Add(message);
        collector.Wait(CancellationToken.None);
        Assert.Equal(sends, socket.Sent.Count);

        socket.Reports.Enqueue(new IcmpError(IcmpErrorKind.TooBig, SocketError.MessageSize, PathMtu: 1000));
        AckEvent settled = SentMessages.Drain(collector).Single();
        Assert.Equal(sends, socket.Sent.Count);
        Assert.Equal(UdpSendStatus.Unreachable, settled.Message.Status);
    }

    [Fact]
    public void Its_own_datagram_is_no_reply()
    {
        var socket = new FakePeerSocket();
        using var sender = new UdpSender(new SendOptions(), new SenderResources(socket, new FreePorts([7, 8, 9, 10]), 100));
        UdpSentMessage message = SentMessages.Send(sender, "a", _peer.EndPoint);
        socket.Datagrams.Enqueue(new Datagram([1], socket.LocalEndPoint, null));
        using AckCollector collector = SentMessages.Collector(timeout: 0.05, factory: socket);
        collector.Add(message);
        Assert.Equal(UdpSendStatus.NoReply, SentMessages.Drain(collector).Single().Message.Status);
        Assert.Equal("the message itself came back, which acknowledges nothing", message.Reason);
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1", false)]
    [InlineData("127.0.0.1", "127.0.0.2", true)]
    [InlineData("0.0.0.0", "127.0.0.1", false)]
    [InlineData("0.0.0.0", "192.0.2.1", true)]
    public void A_reply_from_the_same_port_of_another_machine_counts(string local, string from, bool counts)
    {
        var socket = new FakePeerSocket { LocalEndPoint = new IPEndPoint(IPAddress.Parse(local), 123) };
        Exchange exchange = NewExchange(socket);
        exchange.Send([1]);
        socket.Datagrams.Enqueue(new Datagram([1], new IPEndPoint(IPAddress.Parse(from), 123), null));
        exchange.Read(Stopwatch.GetTimestamp());
        Assert.Equal(counts ? 1 : 0, exchange.ReplyCount);
        Assert.Equal(!counts, exchange.Doubt is not null);
        Assert.Equal(local == "0.0.0.0" ? null : local, exchange.LocalAddress?.ToString());
    }

    // On a system that does not tell when a datagram came.
    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    public void What_was_not_looked_for_within_a_millisecond_has_no_round_trip(int ticks, bool isTimed)
    {
        var socket = new FakePeerSocket();
        Exchange exchange = NewExchange(socket);
        exchange.Send([1]);
        long silentUntil = Stopwatch.GetTimestamp();
        exchange.NoteSilence(silentUntil);
        socket.Datagrams.Enqueue(new Datagram([1], _peer.EndPoint, null));
        exchange.Read(silentUntil + (Stopwatch.Frequency / 1000) + ticks);
        Assert.Equal(isTimed, exchange[0].RoundTripMilliseconds is not null);
    }

    [Theory]
    [InlineData(null, false, 0)]
    [InlineData(0, true, 0)]
    [InlineData(3600, false, 3600)]
    public void A_reply_that_seems_older_than_its_message_has_no_round_trip(int? age, bool isTimed, int cameBefore)
    {
        // The system's time was set meanwhile.
        var socket = new FakePeerSocket { Age = age is { } seconds ? TimeSpan.FromSeconds(seconds) : null };
        Exchange exchange = NewExchange(socket);
        exchange.Send([1]);
        socket.Datagrams.Enqueue(new Datagram([1], _peer.EndPoint, null));
        exchange.Read(Stopwatch.GetTimestamp() + Stopwatch.Frequency);
        Assert.Equal(isTimed, exchange[0].RoundTripMilliseconds is not null);
        Assert.InRange((DateTime.UtcNow - exchange[0].ReceivedAtUtc).TotalSeconds, cameBefore, cameBefore + 600);
    }

    // An attempt to a closed port is answered by nothing later, and neither is one that a router had no room for. What this system
    // says of the path is said of a datagram that has not left.
    [Theory]
    [InlineData("PortUnreachable", "192.0.2.1", 1, true)]
    [InlineData("PortUnreachable", "192.0.2.1", 2, true)]
    [InlineData("PortUnreachable", null, 1, true)]
    [InlineData("TooBig", "192.0.2.1", 1, true)]
    [InlineData("TooBig", null, 1, false)]
    [InlineData("HostUnreachable", "192.0.2.1", 1, false)]
    public void A_retry_is_timed_where_only_that_could_be_answered(string kind, string? reporter, int reports, bool isTimed)
    {
        var socket = new FakePeerSocket();
        Exchange exchange = NewExchange(socket);
        exchange.Send([1]);
        for (int i = 0; i < reports; i++)
        {
            socket.Reports.Enqueue(new IcmpError(
                Enum.Parse<IcmpErrorKind>(kind), SocketError.ConnectionRefused, reporter is null ? null : IPAddress.Parse(reporter)));
        }

        exchange.Read(Stopwatch.GetTimestamp());
        Assert.Equal(kind, exchange.Report?.Kind.ToString());
        exchange.Send([1]);
        socket.Datagrams.Enqueue(new Datagram([1], _peer.EndPoint, null));
        long now = Stopwatch.GetTimestamp();
        exchange.NoteSilence(now);
        exchange.Read(now);
        Assert.Equal(isTimed, exchange[0].RoundTripMilliseconds is not null);
    }

    [Theory]
    [InlineData(false, false, 1)]
    [InlineData(true, false, 2)]
    [InlineData(false, true, 2)]
    public void All_replies_are_taken_where_one_who_waits_wants_them(bool first, bool second, int replies)
    {
        var socket = new FakePeerSocket();
        Exchange exchange = NewExchange(socket);
        exchange.Send([1]);
        Assert.True(exchange.TryClaim(first));
        Assert.True(exchange.TryClaim(second));
        socket.Datagrams.Enqueue(new Datagram([1], new IPEndPoint(IPAddress.Loopback, 101), null));
        socket.Datagrams.Enqueue(new Datagram([1], new IPEndPoint(IPAddress.Loopback, 102), null));
        exchange.Read(Stopwatch.GetTimestamp());
        Assert.Equal(replies, exchange.ReplyCount);
    }

    [Fact]
    [WineCannot("PortUnreachable")]
    public void A_message_never_leaves_from_the_port_that_it_goes_to()
    {
        // Others may have some of them.
        const int Count = 40;
        int first = FirstOf(Count);
        using var sender = new UdpSender(new SendOptions(), SentMessages.Resources(first, Count));
        for (int i = 0; i < 2 * Count; i++)
        {
            UdpSentMessage message = SentMessages.Send(sender, "a", new IPEndPoint(IPAddress.Loopback, first));
            Assert.NotEqual(first, message.LocalPort);
            Assert.Equal(UdpSendStatus.PortClosed, SentMessages.Collect([message]).Single().Message.Status);
        }
    }

    [Fact]
    public void A_reply_is_there_however_late_it_is_asked_for_and_its_sockets_close()
    {
        UdpSentMessage[] kept = Enumerable.Range(0, 600).Select(i => Send($"{i}")).ToArray();
        int open = ProcessSockets.Count();
        Assert.Equal(600, kept.Select(message => message.LocalPort).Distinct().Count());

        // In reverse order, and one of them not at all.
        var requests = new Stack<(string Text, IPEndPoint From)>(kept.Select(_ => (_peer.Receive(out IPEndPoint from), from)));
        while (requests.TryPop(out (string Text, IPEndPoint From) request) && request.Text != "0")
        {
            _peer.SendTo(request.From, "ack " + request.Text);
        }

        _sender.Dispose();
        Assert.All(SentMessages.Collect(kept[1..]), one => Assert.Equal("ack " + one.Message.Message, one.Ack!.Message));
        Assert.Equal(UdpSendStatus.NoReply, SentMessages.Collect([kept[0]], timeout: 0.05).Single().Message.Status);
        Assert.InRange(open - ProcessSockets.Count(), 590, 610);
    }

    [Fact]
    public void Of_those_that_nobody_asks_about_the_oldest_expire_and_say_so()
    {
        // A quarter of the ports.
        using var sender = new UdpSender(new SendOptions(), Few(40));
        UdpSentMessage[] kept = new UdpSentMessage[30];
        for (int i = 0; i < kept.Length; i++)
        {
            kept[i] = SentMessages.Send(sender, $"{i}", _peer.EndPoint);
            _peer.Receive(out IPEndPoint from);
            if (i % 2 == 0)
            {
                _peer.SendTo(from, $"ack {i}");
            }
        }

        List<AckEvent> settled = SentMessages.Collect(kept, timeout: 0.05);
        Assert.Equal(kept.Length, settled.Count);
        foreach (AckEvent one in settled)
        {
            int index = Array.IndexOf(kept, one.Message);
            Assert.Equal(
                index % 2 == 0 ? UdpSendStatus.Acknowledged : index < 20 ? UdpSendStatus.Sent : UdpSendStatus.NoReply,
                one.Message.Status);
            Assert.Equal(index % 2 == 1 && index < 20, one.Message.Reason is not null);
            Assert.Equal(index % 2 == 0 ? $"ack {index}" : null, one.Ack?.Message);
        }

        Assert.Equal("nobody had asked for its ack when later messages needed its port", kept[1].Reason);
    }

    // A quarter of the ports, half of the descriptors, and no more than are promised.
    [Theory]
    [InlineData(400, 10_000, 100)]
    [InlineData(10_000, 200, 100)]
    [InlineData(20_000, 20_000, 4096)]
    [InlineData(3, 100, 1)]
    [InlineData(100, 1, 1)]
    public void So_many_that_nobody_asks_about_are_kept(int ports, int descriptors, int kept)
    {
        var resources = new SenderResources(new FakePeerSocket(), new FreePorts(Enumerable.Range(1, ports).ToArray()), descriptors);
        Exchange[] exchanges = Enumerable.Range(0, kept + 5)
            .Select(_ => NewExchange(new FakePeerSocket(), resources.Unclaimed)).ToArray();
        Array.ForEach(exchanges, exchange => exchange.Keep());
        Assert.Equal(exchanges[5..], exchanges.Where(exchange => !exchange.IsClosed));
    }

    [Fact]
    public void One_that_was_asked_about_takes_no_place_from_those_that_nobody_asks_about()
    {
        // Ten are kept.
        using var sender = new UdpSender(new SendOptions(), Few(40));
        UdpSentMessage kept = SentMessages.Send(sender, "kept", _peer.EndPoint);
        for (int i = 0; i < 20; i++)
        {
            Exchange(sender);
        }

        Assert.False(kept.Exchange!.IsClosed);
        Assert.Null(kept.Reason);
    }

    [Fact]
    public void One_that_nobody_asks_about_expires_after_its_time_and_a_reply_until_then_counts()
    {
        var unclaimed = new UnclaimedExchanges(100, TimeSpan.FromMilliseconds(50));
        var sockets = new FakePeerSocket[2];
        var exchanges = new Exchange[2];
        for (int i = 0; i < 2; i++)
        {
            sockets[i] = new FakePeerSocket();
            exchanges[i] = new Exchange(_peer.EndPoint, sockets[i], new SendOptions(), socket => socket.Dispose(), unclaimed);
            exchanges[i].Send([1]);
        }

        sockets[1].Datagrams.Enqueue(new Datagram([2], _peer.EndPoint, null));
        Assert.True(exchanges[0].TryClaim(takesAll: false));
        exchanges[0].Keep();
        exchanges[1].Keep();
        Until.True(() => exchanges[1].IsClosed, "the second has expired");
        Assert.Equal(1, exchanges[1].ReplyCount);
        Assert.Null(exchanges[1].ExpiryReason);

        // Somebody waits for the first.
        Assert.False(exchanges[0].IsClosed);
        exchanges[0].Unclaim();
        Until.True(() => exchanges[0].IsClosed, "the first has expired");
        Assert.True(sockets[0].IsClosed);
        Assert.Equal("nobody had asked for its ack after 5 minutes", exchanges[0].ExpiryReason);
        Assert.False(exchanges[0].TryClaim(takesAll: false));
    }

    [Fact]
    public void One_that_nobody_asks_about_gives_up_its_port_to_somebody_else_of_the_process()
    {
        UdpSentMessage message = Send("a");
        UdpSentMessage other = Send("b");
        SenderResources.GiveUp(null, message.LocalPort);
        Ports.AssertFree(message.LocalPort);
        Assert.Equal("its port was wanted for something else", message.Reason);
        Assert.False(other.Exchange!.IsClosed);
    }

    [Fact]
    public void Nothing_keeps_a_message_that_is_thrown_away()
    {
        WeakReference message = SendAndForget();
        Until.True(
            () =>
            {
                GC.Collect();
                return !message.IsAlive;
            },
            "the message is collected");
    }

    [Fact]
    public void One_that_is_never_answered_holds_up_none_after_it()
    {
        using AckCollector collector = SentMessages.Collector(timeout: 3600);
        collector.Add(Send("stuck"));
        _peer.Receive();
        for (int i = 0; i < 300; i++)
        {
            collector.Add(Send($"{i}"));
            _peer.Receive(out IPEndPoint from);
            _peer.SendTo(from, $"ack {i}");
            AckEvent next;
            while (!collector.TryTake(out next))
            {
                collector.Wait(TestContext.Current.CancellationToken);
            }

            Assert.Equal($"ack {i}", next.Ack!.Message);
            Assert.Equal(1, collector.InFlight);
        }
    }

    [Fact]
    public void Thousands_in_flight_time_out_in_the_order_in_which_they_were_sent()
    {
        using AckCollector collector = SentMessages.Collector(timeout: 0.3);
        UdpSentMessage[] sent = Enumerable.Range(0, 2000).Select(i => Send($"{i}")).ToArray();
        foreach (UdpSentMessage message in sent)
        {
            collector.Add(message);
        }

        List<AckEvent> settled = SentMessages.Drain(collector);
        Assert.Equal(sent, settled.Select(one => one.Message));
        Assert.All(settled, one => Assert.Equal(UdpSendStatus.NoReply, one.Message.Status));
    }

    [Fact]
    [WineCannot("PortUnreachable")]
    public void A_closed_port_is_reported_at_once_for_each_message_asked_about_or_not()
    {
        var closed = new IPEndPoint(IPAddress.Loopback, Ports.Closed());
        UdpSentMessage[] sent = Enumerable.Range(0, 10).Select(i => Send($"{i}", closed)).ToArray();
        Assert.All(SentMessages.Collect(sent, timeout: 3600), one => Assert.Equal(UdpSendStatus.PortClosed, one.Message.Status));
        Assert.All(sent, message => Assert.Equal(1, message.Attempts));
    }

    [Fact]
    [WineCannot("PortUnreachable")]
    public void Without_a_time_limit_a_closed_port_is_told_at_once_whatever_the_retries() => Assert.Equal(
        UdpSendStatus.PortClosed,
        SentMessages.Collect([Send("a", new IPEndPoint(IPAddress.Loopback, Ports.Closed()))], timeout: 0, retries: 3)
            .Single().Message.Status);

    [Fact]
    [WineCannot("PortUnreachable")]
    public void A_port_that_opens_between_two_attempts_is_answered_and_timed()
    {
        int port = Ports.Free();
        UdpSentMessage message = Send("a", new IPEndPoint(IPAddress.Loopback, port));
        using AckCollector collector = SentMessages.Collector(timeout: 0.2, retries: 5);
        collector.Add(message);
        while (message.Exchange!.Report is null)
        {
            collector.Wait(TestContext.Current.CancellationToken);
        }

        using var opened = new UdpClient(new IPEndPoint(IPAddress.Loopback, port));
        while (opened.Available == 0)
        {
            collector.Wait(TestContext.Current.CancellationToken);
        }

        IPEndPoint? from = null;
        opened.Receive(ref from);
        opened.Send([1], 1, from);
        AckEvent settled = Assert.Single(SentMessages.Drain(collector));
        Assert.Equal(UdpSendStatus.Acknowledged, settled.Message.Status);
        Assert.True(settled.Ack!.Attempts > 1);
        Assert.True(settled.Ack.RoundTripMilliseconds > 0 || !LinuxCalls.IsSupported);
    }

    [Fact]
    public void A_retransmission_leaves_from_the_same_port_and_its_round_trip_is_unknown()
    {
        UdpSentMessage message = Send("a");
        int port = message.LocalPort;
        using AckCollector collector = SentMessages.Collector(timeout: 0.05, retries: 5);
        collector.Add(message);
        while (message.Attempts < 2)
        {
            collector.Wait(TestContext.Current.CancellationToken);
        }

        _peer.Receive();
        _peer.Receive(out IPEndPoint from);
        _peer.SendTo(from, "ack");
        AckEvent settled = Assert.Single(SentMessages.Drain(collector));
        Assert.Null(settled.Ack!.RoundTripMilliseconds);
        Assert.Equal(port, from.Port);
        Assert.Equal(port, message.LocalPort);
    }

    [Fact]
    public void The_round_trip_is_that_of_when_the_reply_came()
    {
        DateTime before = DateTime.Now;
        UdpSentMessage early = Send("a");
        _peer.Receive(out IPEndPoint from);
        _peer.SendTo(from, "ack");
        var since = Stopwatch.StartNew();
        SpinWait.SpinUntil(() => since.ElapsedMilliseconds > 20);
        DateTime asked = DateTime.Now;
        UdpAck late = SentMessages.Collect([early]).Single().Ack!;
        if (LinuxCalls.IsSupported)
        {
            // It lay there for 20 ms.
            Assert.InRange(late.RoundTripMilliseconds!.Value, 0, (asked - before).TotalMilliseconds - 19);
            Assert.InRange(asked - late.ReceivedAt, TimeSpan.FromMilliseconds(19), TimeSpan.FromMinutes(1));
        }
        else
        {
            Assert.Null(late.RoundTripMilliseconds);
        }

        UdpSentMessage awaited = Send("b");
        using AckCollector collector = SentMessages.Collector();
        collector.Add(awaited);
        _peer.Receive(out from);
        var answer = new Thread(() =>
        {
            Thread.Sleep(30);
            _peer.SendTo(from, "ack");
        });
        answer.Start();
        double? roundTrip = SentMessages.Drain(collector).Single().Ack!.RoundTripMilliseconds;
        answer.Join();

        // Where the system does not tell when it came, a slow machine may not know.
        Assert.InRange(roundTrip ?? (LinuxCalls.IsSupported ? 0 : 30), 25, 30_000);
    }

    [Theory]
    [InlineData(null, "network unreachable")]
    [InlineData("192.0.2.1", "host unreachable, reported by 192.0.2.1")]
    public void A_retry_that_cannot_leave_makes_the_verdict_unless_a_report_does(string? reporter, string reason)
    {
        var socket = new FakePeerSocket();
        using var sender = new UdpSender(new SendOptions(), new SenderResources(socket, new FreePorts([1, 2, 3, 4]), 100));
        UdpSentMessage message = SentMessages.Send(sender, "a", _peer.EndPoint);
        socket.SendErrors.Enqueue(SocketError.NetworkUnreachable);
        if (reporter is not null)
        {
            socket.Reports.Enqueue(
                new IcmpError(IcmpErrorKind.HostUnreachable, SocketError.HostUnreachable, IPAddress.Parse(reporter)));
        }

        using AckCollector collector = SentMessages.Collector(timeout: 0.05, retries: 1, factory: socket);
        collector.Add(message);
        SentMessages.Drain(collector);
        Assert.Equal((UdpSendStatus.Unreachable, reason, 1), (message.Status, message.Reason, message.Attempts));
    }

    [Fact]
    public void A_deadline_that_passes_in_a_wait_is_judged_after_a_look()
    {
        var socket = new FakePeerSocket();
        using var sender = new UdpSender(new SendOptions(), new SenderResources(socket, new FreePorts([1, 2, 3, 4]), 100));
        UdpSentMessage message = SentMessages.Send(sender, "a", _peer.EndPoint);
        using AckCollector collector = SentMessages.Collector(timeout: 0.5, factory: socket);
        collector.Add(message);

        // This thread is held up after the wait, and the reply comes meanwhile.
        socket.NextWait = () =>
        {
            Until.True(() => collector.FirstWait!.Value.End.HasPassed, "the deadline has passed");
            socket.Datagrams.Enqueue(new Datagram([2], _peer.EndPoint, null));
        };
        Assert.Equal([2], SentMessages.Drain(collector).Single().Ack!.Bytes);
        Assert.Equal(UdpSendStatus.Acknowledged, message.Status);
    }

    [Theory]
    [InlineData(30, 1, 250)]
    [InlineData(0.02, 0, 20)]
    public void A_wait_ends_at_the_deadline_and_soon_enough_to_stop_within_half_a_second(double timeout, int shortest, int longest)
    {
        var socket = new FakePeerSocket();
        using var sender = new UdpSender(new SendOptions(), new SenderResources(socket, new FreePorts([1, 2, 3, 4]), 100));
        using AckCollector collector = SentMessages.Collector(timeout, factory: socket);
        collector.Add(SentMessages.Send(sender, "a", _peer.EndPoint));
        collector.Wait(CancellationToken.None);
        Assert.InRange(socket.LastWait, shortest, longest);
    }

    [Fact]
    public void How_the_message_waits_that_has_been_in_flight_longest_is_told()
    {
        var socket = new FakePeerSocket();
        using var sender = new UdpSender(
            new SendOptions(), new SenderResources(socket, new FreePorts(Enumerable.Range(1, 40).ToArray()), 100));
        using AckCollector collector = SentMessages.Collector(timeout: 0.3, retries: 3, factory: socket);
        Assert.Null(collector.FirstWait);
        UdpSentMessage message = SentMessages.Send(sender, "a", _peer.EndPoint);
        collector.Add(message);
        AckWait first = collector.FirstWait!.Value;
        Assert.Equal((1, 4, 0.3), (first.Attempt, first.MaximumAttempts, first.Seconds));
        while (message.Attempts < 2)
        {
            collector.Wait(TestContext.Current.CancellationToken);
        }

        collector.Add(SentMessages.Send(sender, "b", _peer.EndPoint));
        AckWait second = collector.FirstWait!.Value;
        Assert.Equal((2, 4), (second.Attempt, second.MaximumAttempts));
        Assert.InRange(second.Seconds, 0.6, 0.9);
        Assert.InRange(second.End.RemainingSeconds, 0, 0.9);
        Assert.Equal(2, collector.InFlight);
    }

    [Fact]
    public void Waiting_can_be_given_up_and_taken_up_again()
    {
        UdpSentMessage message = Send("a");
        using var stop = new CancellationTokenSource();
        using (AckCollector collector = SentMessages.Collector(timeout: 3600))
        {
            collector.Add(message);
            stop.Cancel();
            Assert.Throws<OperationCanceledException>(() => collector.Wait(stop.Token));
        }

        _peer.Receive(out IPEndPoint from);
        _peer.SendTo(from, "ack");
        Assert.Equal(UdpSendStatus.Acknowledged, SentMessages.Collect([message]).Single().Message.Status);
    }

    [Fact]
    public void A_message_that_two_wait_for_is_settled_for_both()
    {
        UdpSentMessage message = Send("a");
        using AckCollector one = SentMessages.Collector();
        using AckCollector other = SentMessages.Collector();
        one.Add(message);
        other.Add(message);
        _peer.Receive(out IPEndPoint from);
        _peer.SendTo(from, "ack");
        Assert.Equal("ack", SentMessages.Drain(one).Single().Ack!.Message);
        Assert.Equal("ack", SentMessages.Drain(other).Single().Ack!.Message);
        Assert.Equal(UdpSendStatus.Acknowledged, message.Status);
    }

    [Fact]
    public void Where_everyone_may_reply_each_is_heard_once_and_the_first_is_the_ack()
    {
        var socket = new FakePeerSocket();
        using var sender = new UdpSender(new SendOptions(), new SenderResources(socket, new FreePorts([1, 2, 3, 4]), 100));
        UdpSentMessage message = SentMessages.Send(sender, "a", _peer.EndPoint);
        foreach (byte peer in new byte[] { 1, 2, 1, 3 })
        {
            socket.Datagrams.Enqueue(new Datagram([peer], new IPEndPoint(IPAddress.Loopback, 100 + peer), null));
        }

        using AckCollector collector = SentMessages.Collector(timeout: 0.05, collectAll: true, factory: socket);
        collector.Add(message);
        List<AckEvent> events = SentMessages.Drain(collector);
        Assert.Equal([101, 102, 103], events.Where(one => !one.IsSettled).Select(one => one.Ack!.Port));
        Assert.Equal(UdpSendStatus.Acknowledged, Assert.Single(events, one => one.IsSettled).Message.Status);
        Assert.Equal(101, message.Ack!.Port);
    }

    // The pipeline kept the command from looking, and the time is up.
    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 0)]
    [InlineData(false, 4010)]
    public void All_that_has_come_is_read_before_the_time_is_up(bool takesAll, int localPort)
    {
        var socket = new FakePeerSocket();
        using var sender = new UdpSender(
            new SendOptions { LocalPort = localPort }, new SenderResources(socket, new FreePorts([1, 2, 3, 4]), 100));
        UdpSentMessage message = SentMessages.Send(sender, "a", _peer.EndPoint);
        for (int i = 1; i <= 1000; i++)
        {
            socket.Datagrams.Enqueue(takesAll
                ? new Datagram([1], new IPEndPoint(IPAddress.Loopback, 1000 + i), null)
                : new Datagram([], _peer.EndPoint, null));
        }

        socket.Datagrams.Enqueue(new Datagram([2], _peer.EndPoint, null));
        using AckCollector collector = SentMessages.Collector(timeout: 1e-9, collectAll: takesAll, factory: socket);
        collector.Add(message);
        List<AckEvent> events = SentMessages.Drain(collector);
        Assert.Equal(UdpSendStatus.Acknowledged, message.Status);
        Assert.Equal(takesAll ? 1001 : 1, events.Count(one => one.Ack is not null));
    }

    // A flood, of what acknowledges nothing. At a fixed port one looks for all.
    [Theory]
    [InlineData(0, 20)]
    [InlineData(4010, 1)]
    public void A_look_ends_however_much_comes(int localPort, int looks)
    {
        var socket = new FakePeerSocket();
        var resources = new SenderResources(socket, new FreePorts([.. Enumerable.Range(1, 1000)]), 1000);
        using var sender = new UdpSender(new SendOptions { LocalPort = localPort }, resources);
        UdpSentMessage[] messages = [.. Enumerable.Range(0, 20).Select(_ => SentMessages.Send(sender, "a", _peer.EndPoint))];
        socket.Flood = new Datagram([], _peer.EndPoint, null);
        using AckCollector collector = SentMessages.Collector(timeout: 1e-9, factory: socket);
        Array.ForEach(messages, collector.Add);
        SentMessages.Drain(collector);
        Assert.All(messages, message => Assert.Equal(UdpSendStatus.NoReply, message.Status));

        // Once when the first is added, and once in a wait.
        Assert.InRange(socket.Received, 1, (looks + 20) * UdpPS.Sending.Exchange.MaximumRepliesPerLook);
    }

    private static int FirstOf(int count)
    {
        for (int first = Ports.Free(); ; first = Ports.Free())
        {
            if (first + count < 65535)
            {
                return first;
            }
        }
    }

    private Exchange NewExchange(FakePeerSocket socket, UnclaimedExchanges? unclaimed = null) => new(
        _peer.EndPoint, socket, new SendOptions(), one => one.Dispose(), unclaimed ?? new UnclaimedExchanges(100));

    private static SenderResources Few(int count) => SentMessages.Resources(FirstOf(count), count);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference SendAndForget() => new(Send("a"));

    private UdpSentMessage Send(string text, IPEndPoint? to = null) => SentMessages.Send(_sender, text, to ?? _peer.EndPoint);

    // One message, and its reply.
    private int Exchange(UdpSender sender)
    {
        UdpSentMessage message = SentMessages.Send(sender, "a", _peer.EndPoint);
        string text;
        IPEndPoint from;
        do
        {
            text = _peer.Receive(out from);
        }
        while (from.Port != message.LocalPort);
        _peer.SendTo(from, "ack " + text);
        Assert.Equal("ack a", SentMessages.Collect([message]).Single().Ack!.Message);
        return message.LocalPort;
    }
}
