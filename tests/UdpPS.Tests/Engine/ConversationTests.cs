using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading;
using UdpPS.Sending;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Engine;

/// <summary>Which answer belongs to which message.</summary>
public sealed class ConversationTests : IDisposable
{
    private readonly RawSocket _peer = new();
    private readonly UdpSender _sender = new(new SendOptions());
    private IPEndPoint? _lastFrom;

    public void Dispose()
    {
        _sender.Dispose();
        _peer.Dispose();
    }

    [Fact]
    public void Messages_in_flight_have_a_port_each()
    {
        using AckCollector collector = Collector();
        UdpSentMessage[] sent = Enumerable.Range(0, 64).Select(i => Send(i.ToString())).ToArray();
        Assert.Equal(64, sent.Select(message => message.LocalPort).Distinct().Count());

        UdpSentMessage Send(string text)
        {
            UdpSentMessage message = this.Send(text);
            collector.Add(message);
            return message;
        }
    }

    [Fact]
    public void Answers_in_reverse_order_find_their_messages()
    {
        using AckCollector collector = Collector();
        var expected = new List<UdpSentMessage>();
        var requests = new Stack<(string Text, IPEndPoint From)>();
        for (int i = 0; i < 64; i++)
        {
            expected.Add(Send($"message {i}"));
            collector.Add(expected[i]);
            requests.Push((_peer.Receive(out IPEndPoint from), from));
        }

        while (requests.TryPop(out (string Text, IPEndPoint From) request))
        {
            _peer.SendTo(request.From, "ack " + request.Text);
        }

        IReadOnlyList<AckEvent> settled = Drain(collector);
        Assert.Equal(64, settled.Count);
        Assert.All(settled, one => Assert.Equal("ack " + one.Message.Message, one.Ack!.Message));
    }

    [Fact]
    public void Messages_that_are_kept_have_a_port_each_until_they_are_asked_about()
    {
        UdpSentMessage[] kept = Enumerable.Range(0, 600).Select(i => Send($"{i}")).ToArray();
        Assert.Equal(600, kept.Select(message => message.LocalPort).Distinct().Count());

        // In reverse order, and one of them not at all.
        var requests = new Stack<(string Text, IPEndPoint From)>(kept.Select(_ => (_peer.Receive(out IPEndPoint from), from)));
        while (requests.TryPop(out (string Text, IPEndPoint From) request) && request.Text != "0")
        {
            _peer.SendTo(request.From, "ack " + request.Text);
        }

        Assert.All(Collect(kept[1..]), one => Assert.Equal("ack " + one.Message.Message, one.Ack!.Message));
        Assert.Equal(UdpSendStatus.NoReply, Collect([kept[0]], timeout: 0.05).Single().Message.Status);
    }

    [Fact]
    public void An_answer_given_twice_is_not_anothers()
    {
        UdpSentMessage[] sent = [Send("a"), Send("b")];
        _peer.Receive(out IPEndPoint from);
        _peer.SendTo(from, "ack a");
        _peer.SendTo(from, "ack a");
        IReadOnlyList<AckEvent> settled = Collect(sent, timeout: 0.2);
        Assert.Equal(
            [UdpSendStatus.Acknowledged, UdpSendStatus.NoReply], settled.Select(one => one.Message.Status).Order());
    }

    [Fact]
    public void Messages_that_nobody_keeps_share_a_port()
    {
        ThrowAway(1000);
        UdpSentMessage[] late = [Send("a"), Send("b")];
        Assert.Equal(late[0].LocalPort, late[1].LocalPort);
    }

    [Fact]
    public void A_message_from_a_shared_port_is_never_guessed_acknowledged()
    {
        ThrowAway(1000);
        UdpSentMessage message = Send("last");
        string text;
        IPEndPoint from;
        do
        {
            text = _peer.Receive(out from);
        }
        while (text != "last");
        _peer.SendTo(from, "ack");
        AckEvent settled = Collect([message]).Single();
        Assert.Equal(UdpSendStatus.NoReply, settled.Message.Status);
        Assert.True(settled.Message.IsUnmatched);
    }

    [Fact]
    public void A_message_from_a_shared_port_is_matched_after_a_retry_from_its_own()
    {
        ThrowAway(1000);
        UdpSentMessage message = Send("last");
        int sharedPort = message.LocalPort;
        using AckCollector collector = Collector(retries: 1);
        collector.Add(message);
        IPEndPoint from;
        do
        {
            _peer.Receive(out from);
        }
        while (from.Port != message.LocalPort);
        Assert.NotEqual(sharedPort, from.Port);
        _peer.SendTo(from, "ack");
        AckEvent settled = Assert.Single(Drain(collector));
        Assert.Equal("ack", settled.Ack!.Message);
    }

    [Fact]
    public void An_ack_is_found_however_late_it_is_asked_for()
    {
        UdpSentMessage message = Send("a");
        _peer.Receive(out IPEndPoint from);
        _peer.SendTo(from, "ack");
        _sender.Dispose();
        Assert.Equal("ack", Collect([message]).Single().Ack!.Message);
    }

    [Fact]
    public void A_late_answer_never_reaches_the_next_message()
    {
        UdpSentMessage first = Send("a");
        _peer.Receive(out IPEndPoint lateFor);
        Assert.Equal(UdpSendStatus.NoReply, Collect([first], timeout: 0.05).Single().Message.Status);

        UdpSentMessage second = Send("b");
        _peer.Receive(out IPEndPoint from);
        _peer.SendTo(lateFor, "late");
        _peer.SendTo(from, "ack b");
        Assert.NotEqual(lateFor, from);
        Assert.Equal("ack b", Collect([second]).Single().Ack!.Message);
    }

    [Fact]
    public void A_stranger_is_not_heard()
    {
        using var stranger = new RawSocket();
        UdpSentMessage message = Send("a");
        _peer.Receive(out IPEndPoint from);
        stranger.SendTo(from, "forged");
        _peer.SendTo(from, "ack");
        Assert.Equal("ack", Collect([message]).Single().Ack!.Message);
    }

    [Fact]
    public void A_duplicated_answer_never_reaches_another_message()
    {
        var watch = Stopwatch.StartNew();
        for (int i = 0; i < 600 || watch.Elapsed.TotalSeconds < 2 * Destination.WatchSeconds; i++)
        {
            UdpSentMessage message = Send($"{i}");
            _peer.Receive(out IPEndPoint from);
            _peer.SendTo(from, $"ack {i}");
            _peer.SendTo(from, $"ack {i}");
            Assert.Equal($"ack {i}", Collect([message]).Single().Ack!.Message);
        }
    }

    [Fact]
    public void Sockets_are_used_again_once_the_peer_has_proved_to_answer_once()
    {
        var watch = Stopwatch.StartNew();
        var ports = new HashSet<int>();
        Until.True(() => !ports.Add(Exchange()), "a port is used again");
        Assert.True(ports.Count >= 256, $"after {ports.Count} messages");
        Assert.True(watch.Elapsed.TotalSeconds >= Destination.WatchSeconds, $"after {watch.Elapsed}");

        const int Messages = 12_000;
        Assert.InRange(Enumerable.Range(0, Messages).Select(_ => Exchange()).Distinct().Count(), 1, Messages / 2);
    }

    [Fact]
    public void A_peer_that_begins_to_answer_twice_when_ports_are_used_again_is_found_out_at_once()
    {
        var ports = new HashSet<int>();
        Until.True(() => !ports.Add(Exchange()), "a port is used again");
        for (int i = 0; i < 600; i++)
        {
            UdpSentMessage message = Send($"{i}");
            _peer.Receive(out IPEndPoint from);
            _peer.SendTo(from, $"ack {i}");
            _peer.SendTo(from, $"ack {i}");
            Assert.Equal($"ack {i}", Collect([message]).Single().Ack!.Message);
        }
    }

    [Fact]
    public void A_late_second_answer_anywhere_keeps_all_ports_from_being_used_again()
    {
        var ports = Enumerable.Range(0, 300).Select(_ => Exchange()).ToHashSet();

        // The last port's turn would come after all others'.
        _peer.SendTo(_lastFrom!, "again");
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed.TotalSeconds < 2 * Destination.WatchSeconds)
        {
            Assert.True(ports.Add(Exchange()), "a port was used again");
            SpinWait.SpinUntil(() => false, 1);
        }
    }

    [Fact]
    public void One_that_is_never_answered_holds_up_none_after_it()
    {
        using AckCollector collector = Collector(timeout: 3600);
        collector.Add(Send("stuck"));
        _peer.Receive();
        for (int i = 0; i < 300; i++)
        {
            collector.Add(Send($"{i}"));
            collector.Add(Send($"next to {i}"));
            _peer.SendTo(ReceiveFrom(), $"ack {i}");
            _peer.SendTo(ReceiveFrom(), $"ack next to {i}");
            Assert.Equal([$"ack {i}", $"ack next to {i}"], Drain(collector, 2).Select(one => one.Ack!.Message));
            Assert.Equal(1, collector.InFlight);
        }
    }

    [Fact]
    public void Thousands_in_flight_time_out_in_the_order_in_which_they_were_sent()
    {
        using AckCollector collector = Collector(timeout: 0.3);
        UdpSentMessage[] sent = Enumerable.Range(0, 2000).Select(i => Send($"{i}")).ToArray();
        foreach (UdpSentMessage message in sent)
        {
            collector.Add(message);
        }

        IReadOnlyList<AckEvent> settled = Drain(collector);
        Assert.Equal(sent, settled.Select(one => one.Message));
        Assert.All(settled, one => Assert.Equal(UdpSendStatus.NoReply, one.Message.Status));
    }

    [Fact]
    public void However_many_time_out_together_their_ports_are_not_free_at_once()
    {
        int before = ProcessSockets.CountInUse();
        UdpSentMessage[] sent = Enumerable.Range(0, 1500).Select(i => Send($"{i}")).ToArray();
        Collect(sent, timeout: 0.01);
        Assert.InRange(ProcessSockets.Count() - before, 1500, 4096);
        _sender.Dispose();
        Assert.InRange(ProcessSockets.Count() - before, 0, 10);
    }

    [Fact]
    public void An_answer_that_came_long_ago_is_timed_by_when_it_came()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("Only Linux tells when a datagram came.");
        }

        Until.True(IsTimedRight, "the system has switched its clock on, and tells when the answer came");

        bool IsTimedRight()
        {
            UdpSentMessage message = Send("a");
            _peer.SendTo(ReceiveFrom(), "ack");
            var answered = Stopwatch.StartNew();
            double sentBefore = Stopwatch.GetElapsedTime(message.LastSentTimestamp).TotalMilliseconds;
            SpinWait.SpinUntil(() => answered.ElapsedMilliseconds > 50);
            double? roundTrip = Collect([message]).Single().Ack!.RoundTripMilliseconds;
            return roundTrip > 0 && roundTrip < sentBefore + 1;
        }
    }

    [Fact]
    public void Messages_leave_together_only_when_nobody_keeps_them()
    {
        UdpSentMessage[] first = NewMessages(2);
        Assert.Equal(1, _sender.SendMany(first, 0));
        Assert.False(_sender.MaySendTogether);
        ThrowAway(1000);
        Assert.True(_sender.MaySendTogether);

        _peer.Drain();
        UdpSentMessage[] sent = NewMessages(200);
        for (int next = 0; next < sent.Length;)
        {
            next += _sender.SendMany(sent, next);
        }

        Assert.Equal(sent.Select(message => message.Message), sent.Select(_ => _peer.Receive()));
        Assert.False(_peer.HasMore);
        Assert.Single(sent.Select(message => message.LocalPort).Distinct());
        Assert.All(sent, message => Assert.Equal(1, message.Attempts));
        Assert.All(
            sent, message => Assert.InRange(message.SentAtUtc, DateTime.UtcNow.AddMinutes(-1), DateTime.UtcNow.AddSeconds(1)));
        Assert.Equal(UdpSendStatus.NoReply, Collect([sent[^1]], timeout: 0.05).Single().Message.Status);
    }

    [Fact]
    public void Messages_that_leave_together_for_a_closed_port_all_leave()
    {
        var closed = new IPEndPoint(IPAddress.Loopback, Ports.Closed());
        ThrowAway(1000);
        for (int round = 0; round < 3; round++)
        {
            UdpSentMessage[] sent = Enumerable.Range(0, 64).Select(i => NewMessage($"{i}", closed)).ToArray();
            for (int next = 0; next < sent.Length;)
            {
                next += _sender.SendMany(sent, next);
            }

            Assert.All(sent, message => Assert.Equal(1, message.Attempts));
        }
    }

    [Fact]
    public void A_closed_port_is_reported_at_once_and_for_each_message()
    {
        var closed = new IPEndPoint(IPAddress.Loopback, Ports.Closed());
        using AckCollector collector = Collector(timeout: 3600);
        for (int i = 0; i < 10; i++)
        {
            collector.Add(Send("a", closed));
        }

        Assert.All(Drain(collector), one => Assert.Equal(UdpSendStatus.PortClosed, one.Message.Status));
    }

    [Fact]
    public void Every_unclaimed_message_to_a_closed_port_is_sent_and_reported()
    {
        var closed = new IPEndPoint(IPAddress.Loopback, Ports.Closed());
        UdpSentMessage[] sent = Enumerable.Range(0, 5).Select(i => Send($"{i}", closed)).ToArray();
        Assert.All(Collect(sent), one => Assert.Equal(UdpSendStatus.PortClosed, one.Message.Status));
    }

    [Fact]
    public void A_port_that_opens_between_two_attempts_is_answered_and_timed()
    {
        int port = Ports.Free();
        UdpSentMessage message = Send("a", new IPEndPoint(IPAddress.Loopback, port));
        using AckCollector collector = Collector(timeout: 0.2, retries: 5);
        collector.Add(message);
        while (message.NetworkReport is null)
        {
            collector.WaitSlice();
        }

        using var opened = new System.Net.Sockets.UdpClient(new IPEndPoint(IPAddress.Loopback, port));
        while (opened.Available == 0)
        {
            collector.WaitSlice();
        }

        IPEndPoint? from = null;
        opened.Receive(ref from);
        opened.Send([1], 1, from);
        AckEvent settled = Assert.Single(Drain(collector));
        Assert.Equal(UdpSendStatus.Acknowledged, settled.Message.Status);
        Assert.True(settled.Ack!.Attempts > 1);
        Assert.NotNull(settled.Ack.RoundTripMilliseconds);
    }

    [Fact]
    public void The_round_trip_of_a_message_that_was_sent_twice_is_unknown()
    {
        UdpSentMessage message = Send("a");
        using AckCollector collector = Collector(timeout: 0.05, retries: 5);
        collector.Add(message);
        while (message.Attempts < 2)
        {
            collector.WaitSlice();
        }

        _peer.Receive();
        _peer.Receive(out IPEndPoint from);
        _peer.SendTo(from, "ack");
        AckEvent settled = Assert.Single(Drain(collector));
        Assert.Null(settled.Ack!.RoundTripMilliseconds);
        Assert.Equal(from.Port, message.LocalPort);
    }

    [Fact]
    public void Waiting_can_be_given_up_and_taken_up_again()
    {
        UdpSentMessage message = Send("a");
        using var stop = new CancellationTokenSource();
        using (AckCollector collector = Collector(timeout: 3600))
        {
            collector.Add(message);
            stop.Cancel();
            Assert.Throws<OperationCanceledException>(() => collector.Wait(stop.Token));
        }

        _peer.Receive(out IPEndPoint from);
        _peer.SendTo(from, "ack");
        Assert.Equal(UdpSendStatus.Acknowledged, Collect([message]).Single().Message.Status);
    }

    [Fact]
    public void A_fixed_local_port_carries_message_after_message()
    {
        int port = Ports.Free();
        using var sender = new UdpSender(new SendOptions { LocalPort = port });
        for (int i = 0; i < 3; i++)
        {
            UdpSentMessage message = NewMessage($"{i}", _peer.EndPoint);
            sender.Send(message);
            Assert.Equal(port, message.LocalPort);
            _peer.Receive(out IPEndPoint from);
            _peer.SendTo(from, $"ack {i}");
            Assert.Equal($"ack {i}", Collect([message]).Single().Ack!.Message);
        }
    }

    [Fact]
    public void On_a_fixed_local_port_a_late_answer_never_reaches_the_next_message()
    {
        using var sender = new UdpSender(new SendOptions { LocalPort = Ports.Free() });
        UdpSentMessage first = NewMessage("a", _peer.EndPoint);
        sender.Send(first);
        _peer.Receive(out IPEndPoint from);
        Assert.Equal(UdpSendStatus.NoReply, Collect([first], timeout: 0.05).Single().Message.Status);

        UdpSentMessage second = NewMessage("b", _peer.EndPoint);
        sender.Send(second);
        _peer.SendTo(from, "ack a");
        AckEvent settled = Collect([second], timeout: 0.2).Single();
        Assert.Equal(UdpSendStatus.NoReply, settled.Message.Status);
        Assert.True(settled.Message.IsUnmatched);
    }

    [Fact]
    public void Without_a_time_limit_a_closed_port_is_told_at_once_whatever_the_retries() => Assert.Equal(
        UdpSendStatus.PortClosed,
        Collect([Send("a", new IPEndPoint(IPAddress.Loopback, Ports.Closed()))], timeout: 0, retries: 3).Single().Message.Status);

    [Fact]
    public void A_fixed_local_port_is_free_again_once_its_message_is_settled()
    {
        int port = Ports.Free();
        UdpSentMessage message = NewMessage("a", _peer.EndPoint);
        using (var sender = new UdpSender(new SendOptions { LocalPort = port }))
        {
            sender.Send(message);
        }

        _peer.SendTo(ReceiveFrom(), "ack");
        Assert.Equal("ack", Collect([message]).Single().Ack!.Message);
        using var next = new System.Net.Sockets.UdpClient(new IPEndPoint(IPAddress.Loopback, port));
    }

    [Fact]
    public void A_fixed_local_port_serves_the_next_peer_once_the_one_before_has_answered()
    {
        using var other = new RawSocket();
        using var sender = new UdpSender(new SendOptions { LocalPort = Ports.Free() });
        foreach (RawSocket peer in new[] { _peer, other, _peer })
        {
            UdpSentMessage message = NewMessage("a", peer.EndPoint);
            sender.Send(message);
            peer.Receive(out IPEndPoint from);
            peer.SendTo(from, "ack");
            Assert.Equal("ack", Collect([message]).Single().Ack!.Message);
        }
    }

    [Fact]
    public void The_socket_that_messages_share_outlives_any_number_of_vain_questions()
    {
        Until.True(() => ThrowAwayOrShare(), "messages share a socket");
        for (int i = 0; i < 5000; i++)
        {
            Assert.Equal(UdpSendStatus.NoReply, Collect([Send("a")]).Single().Message.Status);
            _peer.Drain();
        }

        bool ThrowAwayOrShare()
        {
            ThrowAway(100);
            return _sender.MaySendTogether;
        }
    }

    [Fact]
    public void Where_everyone_may_answer_only_so_many_answers_are_taken_before_the_next_look_at_the_clock()
    {
        UdpSentMessage message = Send("a");
        using var collector = new AckCollector(new RetrySchedule(30, 0, new Random(1)), collectAll: true, Encoding.UTF8);
        IPEndPoint from = ReceiveFrom();
        for (int i = 0; i < 100; i++)
        {
            _peer.SendTo(from, "ack");
        }

        collector.Add(message);
        Assert.True(((Conversation)message.Channel!).Socket.Available > 0);
        collector.WaitSlice();
        Assert.Equal(0, ((Conversation)message.Channel!).Socket.Available);
    }

    [Fact]
    public void The_round_trip_is_known_of_an_answer_that_came_after_a_time_without_a_look()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux tells when a datagram came in.");
        Assert.All(Enumerable.Range(0, 50), _ =>
        {
            UdpSentMessage message = Send("a");
            var since = Stopwatch.StartNew();
            SpinWait.SpinUntil(() => since.Elapsed.TotalMilliseconds > 3);
            _peer.SendTo(ReceiveFrom(), "ack");
            Assert.True(Collect([message]).Single().Ack!.RoundTripMilliseconds > 3);
        });
    }

    // Not inlined, so that nothing of it is left on the stack.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ThrowAway(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Send($"{i}");
        }
    }

    private static UdpSentMessage NewMessage(string text, IPEndPoint to) =>
        new("127.0.0.1", to, Encoding.UTF8.GetBytes(text), text, Encoding.UTF8);

    private static AckCollector Collector(double timeout = 30, int retries = 0) =>
        new(new RetrySchedule(timeout, retries, new Random(1)), collectAll: false, Encoding.UTF8);

    private static List<AckEvent> Collect(UdpSentMessage[] messages, double timeout = 30, int retries = 0)
    {
        using AckCollector collector = Collector(timeout, retries);
        foreach (UdpSentMessage message in messages)
        {
            collector.Add(message);
        }

        return Drain(collector);
    }

    private int Exchange()
    {
        UdpSentMessage message = Send("a");
        using AckCollector collector = Collector();
        collector.Add(message);
        _lastFrom = ReceiveFrom();
        _peer.SendTo(_lastFrom, "ack");
        Drain(collector);
        return message.LocalPort;
    }

    private UdpSentMessage[] NewMessages(int count) =>
        Enumerable.Range(0, count).Select(i => NewMessage($"{i}", _peer.EndPoint)).ToArray();

    private IPEndPoint ReceiveFrom()
    {
        _peer.Receive(out IPEndPoint from);
        return from;
    }

    private static List<AckEvent> Drain(AckCollector collector, int count)
    {
        var events = new List<AckEvent>();
        while (events.Count < count)
        {
            collector.Wait(TestContext.Current.CancellationToken);
            while (collector.TryTake(out AckEvent next))
            {
                events.Add(next);
            }
        }

        return events;
    }

    private static List<AckEvent> Drain(AckCollector collector)
    {
        var events = new List<AckEvent>();
        do
        {
            while (collector.TryTake(out AckEvent next))
            {
                events.Add(next);
            }

            collector.Wait(TestContext.Current.CancellationToken);
        }
        while (collector.HasEvents || collector.InFlight > 0);

        return events;
    }

    private UdpSentMessage Send(string text, IPEndPoint? to = null)
    {
        UdpSentMessage message = NewMessage(text, to ?? _peer.EndPoint);
        _sender.Send(message);
        return message;
    }
}
