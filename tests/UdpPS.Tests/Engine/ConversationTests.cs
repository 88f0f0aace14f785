using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
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
    public void A_message_nobody_asked_for_shares_its_port_with_the_next()
    {
        UdpSentMessage first = Send("a");
        UdpSentMessage second = Send("b");
        Assert.Equal(first.LocalPort, second.LocalPort);
    }

    [Fact]
    public void Messages_that_shared_a_port_are_matched_in_order_when_all_were_answered()
    {
        UdpSentMessage[] sent = [Send("a"), Send("b"), Send("c")];
        foreach (UdpSentMessage _ in sent)
        {
            string text = _peer.Receive(out IPEndPoint from);
            _peer.SendTo(from, "ack " + text);
        }

        IReadOnlyList<AckEvent> settled = Collect(sent);
        Assert.Equal(["ack a", "ack b", "ack c"], settled.Select(one => one.Ack!.Message));
        Assert.All(settled, one => Assert.Null(one.Ack!.RoundTripMilliseconds));
    }

    [Fact]
    public void Messages_that_shared_a_port_are_not_matched_when_one_was_not_answered()
    {
        UdpSentMessage[] sent = [Send("a"), Send("b")];
        _peer.Receive(out IPEndPoint from);
        _peer.SendTo(from, "ack");

        IReadOnlyList<AckEvent> settled = Collect(sent, timeout: 0.2);
        Assert.All(settled, one => Assert.Equal(UdpSendStatus.NoReply, one.Message.Status));
        Assert.All(settled, one => Assert.True(one.Message.IsUnmatched));
    }

    [Fact]
    public void A_message_that_cannot_be_matched_is_matched_after_a_retry_from_a_port_of_its_own()
    {
        UdpSentMessage[] sent = [Send("a"), Send("b")];
        int sharedPort = sent[0].LocalPort;
        _peer.Receive(out IPEndPoint from);
        _peer.SendTo(from, "one of them");
        _peer.Receive();

        using AckCollector collector = Collector(timeout: 0.1, retries: 1);
        collector.Add(sent[0]);
        while (sent[0].Attempts < 2)
        {
            Assert.Equal(1, collector.InFlight);
            collector.WaitSlice();
        }

        string again = _peer.Receive(out IPEndPoint ownPort);
        _peer.SendTo(ownPort, "ack " + again);
        AckEvent settled = Assert.Single(Drain(collector));
        Assert.Equal("ack a", settled.Ack!.Message);
        Assert.NotEqual(sharedPort, ownPort.Port);
        Assert.Equal(ownPort.Port, sent[0].LocalPort);
        Assert.NotNull(settled.Ack.RoundTripMilliseconds);
    }

    [Fact]
    public void An_answer_that_came_before_the_next_message_left_is_sure()
    {
        UdpSentMessage first = Send("a");
        _peer.Receive(out IPEndPoint from);
        _peer.SendTo(from, "ack a");
        WaitForAnswer(first);
        UdpSentMessage second = Send("b");
        Assert.Equal("ack a", Encoding.UTF8.GetString(first.Reply!.Bytes));
        Assert.Null(second.Reply);
        Assert.NotNull(Collect([first]).Single().Ack!.RoundTripMilliseconds);
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
    public void Sockets_are_used_again_once_the_peer_has_proved_to_answer_once()
    {
        var ports = new HashSet<int>();
        const int Messages = 3000;
        for (int i = 0; i < Messages; i++)
        {
            UdpSentMessage message = Send($"{i}");
            using AckCollector collector = Collector();
            collector.Add(message);
            _peer.SendTo(ReceiveFrom(), "ack");
            Drain(collector);
            ports.Add(message.LocalPort);
        }

        Assert.InRange(ports.Count, 256, Messages / 2);

        IPEndPoint ReceiveFrom()
        {
            _peer.Receive(out IPEndPoint from);
            return from;
        }
    }

    [Fact]
    public void A_closed_port_is_reported_at_once_and_for_each_message()
    {
        var closed = new IPEndPoint(IPAddress.Loopback, RawSocket.ClosedPort());
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
        var closed = new IPEndPoint(IPAddress.Loopback, RawSocket.ClosedPort());
        UdpSentMessage[] sent = Enumerable.Range(0, 5).Select(i => Send($"{i}", closed)).ToArray();
        Assert.All(Collect(sent), one => Assert.Equal(UdpSendStatus.PortClosed, one.Message.Status));
    }

    [Fact]
    public void A_port_that_opens_between_two_attempts_is_answered_and_timed()
    {
        int port = RawSocket.ClosedPort();
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
    public void More_unclaimed_messages_than_can_be_told_apart_are_never_guessed()
    {
        UdpSentMessage[] sent = Enumerable.Range(0, 2000).Select(i => Send($"{i}")).ToArray();
        Assert.Single(sent.Select(message => message.LocalPort).Distinct());
        _peer.Receive(out IPEndPoint from);
        _peer.SendTo(from, "ack");
        AckEvent settled = Collect([sent[0]], timeout: 0.05).Single();
        Assert.Equal(UdpSendStatus.NoReply, settled.Message.Status);
        Assert.True(settled.Message.IsUnmatched);
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
        int port = RawSocket.ClosedPort();
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

    private static UdpSentMessage NewMessage(string text, IPEndPoint to) =>
        new("127.0.0.1", to, Encoding.UTF8.GetBytes(text), text, Encoding.UTF8);

    private static AckCollector Collector(double timeout = 30, int retries = 0) =>
        new(new RetrySchedule(timeout, retries, new Random(1)), collectAll: false, Encoding.UTF8);

    private static List<AckEvent> Collect(UdpSentMessage[] messages, double timeout = 30)
    {
        using AckCollector collector = Collector(timeout);
        foreach (UdpSentMessage message in messages)
        {
            collector.Add(message);
        }

        return Drain(collector);
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
        while (collector.HasEvents);

        return events;
    }

    private static void WaitForAnswer(UdpSentMessage message)
    {
        var conversation = (Conversation)message.Channel!;
        Until.True(() => conversation.Socket.Available > 0, "the answer is there");
    }

    private UdpSentMessage Send(string text, IPEndPoint? to = null)
    {
        UdpSentMessage message = NewMessage(text, to ?? _peer.EndPoint);
        _sender.Send(message);
        return message;
    }
}
