using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Net;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using UdpPS.Listening;
using UdpPS.Sockets;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Engine;

/// <summary>Who receives, delivers and acknowledges, and when, while the pipeline is quick, slow or stuck.</summary>
public sealed class DeliveryLoopTests : IDisposable
{
    private readonly UdpListener _listener = UdpListener.Open(new ListenerOptions { LocalAddress = IPAddress.Loopback });
    private readonly RawSocket _peer = new();
    private readonly Gate _gate = new();
    private readonly List<string> _delivered = [];
    private readonly List<AckOutcome> _outcomes = [];
    private Task? _delivery;
    private ListenerStopReason? _reason;
    private bool _isStopRequested;

    public void Dispose()
    {
        _gate.Open();
        _listener.Dispose();
        _delivery?.Wait(Until.Deadline);
        _peer.Dispose();
        _gate.Dispose();
    }

    [Theory]
    [InlineData(2)]
    [InlineData(50)]
    public void What_was_delivered_is_acknowledged_though_the_next_message_is_stuck(int stuck)
    {
        // All are there when the first is received, so that they are one batch.
        Send(1, 64);
        Start(text =>
        {
            if (text == $"{stuck}")
            {
                _gate.Pass();
            }
        });
        for (int i = 1; i < stuck; i++)
        {
            Assert.Equal($"ack {i}", _peer.Receive());
        }

        Until.True(() => _gate.Arrived == 1, "the message is being delivered");
        Assert.False(_peer.HasMore);
        _gate.Open();
        Assert.Equal($"ack {stuck}", _peer.Receive());
    }

    [Fact]
    public void While_one_message_is_stuck_others_are_received()
    {
        const int Sent = 2000;
        Start(_ => _gate.Pass());
        Send(1, 1);
        Until.True(() => _gate.Arrived == 1, "the first message is being delivered");
        Send(2, Sent);
        Until.True(() => _listener.GetStatistics().Received == Sent, "all are received");
        Assert.Equal(0, _listener.GetStatistics().Delivered);
        _gate.Open();
        ReceiveAcks(1, Sent);
    }

    [Fact]
    public void Room_that_the_pipeline_makes_while_nothing_comes_is_used()
    {
        using UdpListener listener = UdpListener.Open(new ListenerOptions { LocalAddress = IPAddress.Loopback, QueueLength = 2 });
        using var second = new Gate();
        Start(listener, text => (text == "1" ? _gate : text == "3" ? second : null)?.Pass());
        Send(listener, 1, 1);
        Until.True(() => _gate.Arrived == 1, "the first message is being delivered");
        Send(listener, 2, 3);
        Until.True(() => listener.Untaken == 2, "the queue is full");
        _gate.Open();
        Until.True(() => second.Arrived == 1, "the queue is empty, and the third message is being delivered");
        Send(listener, 4, 5);
        Until.True(() => listener.GetStatistics() is var counted && counted.Received + counted.Dropped == 5, "all have come");
        Assert.Equal(0, listener.GetStatistics().Dropped);
        second.Open();
        ReceiveAcks(1, 5);
        listener.Stop();
    }

    [Fact]
    public void An_ack_that_follows_a_stuck_message_does_not_wait_for_the_next()
    {
        // While the first was stuck its place was taken, by one that now waits for datagrams that do not come.
        using var second = new Gate();
        Start(text => (text == "1" ? _gate : text == "3" ? second : null)?.Pass());
        Send(1, 1);
        Until.True(() => _gate.Arrived == 1, "the first message is being delivered");
        Send(2, 3);
        Until.True(() => _listener.GetStatistics().Received == 3, "the others are received");
        _gate.Open();
        Until.True(() => second.Arrived == 1, "the third message is being delivered");
        Assert.Equal("ack 1", _peer.Receive());
        Assert.Equal("ack 2", _peer.Receive());
        second.Open();
        Assert.Equal("ack 3", _peer.Receive());
    }

    [Fact]
    public void Nothing_is_lost_or_out_of_order_whoever_receives()
    {
        const int Window = 200;
        const int Rounds = 100;
        var random = new Random(4);
        Start(_ =>
        {
            // Now and then long enough for somebody else to take over.
            if (random.Next(300) == 0)
            {
                Thread.Sleep(random.Next(4));
            }
        });
        for (int round = 0; round < Rounds; round++)
        {
            int first = (round * Window) + 1;
            Send(first, first + Window - 1);
            ReceiveAcks(first, first + Window - 1);
        }

        Assert.Equal(Enumerable.Range(1, Rounds * Window).Select(i => $"{i}"), _delivered);
        Until.True(() => _listener.GetStatistics().Acknowledged == Rounds * Window, "the acks are counted");
    }

    [Fact]
    public void After_silence_it_is_as_watchful_as_before()
    {
        Start(text =>
        {
            if (text != "0")
            {
                _gate.Pass();
            }
        });

        ExchangeUntilStandbySleeps();
        long before = _listener.GetStatistics().Received;
        Send(1, 1);
        Until.True(() => _gate.Arrived == 1, "the first message is being delivered");
        Send(2, 100);
        Until.True(() => _listener.GetStatistics().Received == before + 100, "all are received");
        _gate.Open();
        ReceiveAcks(1, 100);

        ExchangeUntilStandbySleeps();
    }

    [Fact]
    public void What_was_delivered_is_acknowledged_though_the_listener_stops()
    {
        Send(1, 64);
        Start(text =>
        {
            if (text == "64")
            {
                _listener.Stop();
            }
        });
        Until.True(() => _delivery!.IsCompleted, "the delivery ends");
        ReceiveAcks(1, 63);
    }

    [Fact]
    [WineCannot("SharedReceive")]
    public void One_that_reaches_its_limit_is_closed_and_knows_what_it_left()
    {
        Send(1, 10);
        Start(_ => { }, count: 3);
        AssertEnds(ListenerStopReason.LimitReached);
        Assert.Equal(3, _delivered.Count);
        Assert.Equal(7, _listener.Untaken);
        Ports.AssertFree(_listener.LocalPort);
    }

    [Fact]
    public void One_that_ends_unasked_has_failed()
    {
        BrokenSocket.Break(_listener.LocalPort);
        Start(_ => { });
        AssertEnds(ListenerStopReason.Failed);
        Assert.NotNull(_listener.Failure);
    }

    [Fact]
    public void One_that_was_asked_to_end_has_not()
    {
        _isStopRequested = true;
        Start(_ => { });
        _listener.Stop();
        AssertEnds(ListenerStopReason.Requested);
    }

    [Fact]
    public void Nor_has_one_that_is_asked_while_it_ends_by_itself()
    {
        Send(1, 1);
        _listener.Start();
        var loop = new DeliveryLoop(_listener, new Consumer(this, _ => { }), new DeliveryLimits(1, 0, 0));
        ListenerStopReason reason = loop.Run(() =>
        {
            _listener.Stop();
            return false;
        });
        Assert.Equal(ListenerStopReason.LimitReached, reason);
    }

    // With -Verbose it says that an ack was sent, and so must know it.
    [Fact]
    public void One_that_reports_every_ack_knows_which_could_not_be_sent()
    {
        using var socket = new FakeListenerSocket { Unsendable = { "ack 2" } };
        using var listener = new UdpListener(new ListenerOptions(), socket);
        var peer = new IPEndPoint(IPAddress.Loopback, 5000);
        int received = 0;
        socket.OnReceive = (into, _) =>
        {
            into[0] = new Datagram(Encoding.UTF8.GetBytes($"{++received}"), peer, Local: null);
            return 1;
        };
        var consumer = new Consumer(this, _ => { }) { ReportsAllOutcomes = true };
        new DeliveryLoop(listener, consumer, new DeliveryLimits(3, 0, 0)).Run(() => false);
        Assert.Equal(
            [("1", true), ("2", false), ("3", true)],
            _outcomes.Select(outcome => (outcome.Message.Message, outcome.IsSent)));
        Assert.Equal([["ack 1"], ["ack 3"]], socket.Sends);
        UdpListenerStatistics counted = listener.GetStatistics();
        Assert.Equal([3L, 2, 1, 0], [counted.Delivered, counted.Acknowledged, counted.Errors, counted.SuppressedAcks]);
    }

    // The standby thread may be about to read just then.
    [Fact]
    [WineCannot("SharedReceive")]
    public void What_is_left_in_the_socket_is_counted_whoever_was_about_to_read_it()
    {
        for (int round = 0; round < 200; round++)
        {
            using UdpListener listener = UdpListener.Open(new ListenerOptions { LocalAddress = IPAddress.Loopback });
            listener.Start();
            Send(listener, 1, 10);
            int taken = Enumerable.Range(0, 3).Count(_ => listener.Take(Deadline.After(10)) is not null);
            Thread.SpinWait(round * 250);
            listener.Dispose();
            UdpListenerStatistics counted = listener.GetStatistics();
            Assert.True(
                taken + listener.Untaken == 10,
                $"Of 10, {taken} were taken and {listener.Untaken} left, in round {round}: {counted.Received} received, {counted.Errors} errors.");
        }
    }

    [Fact]
    public void Progress_is_told_of_every_message_and_after_each_interval_without_one()
    {
        Send(1, 3);
        var progress = new ProgressRecorder();
        Start(_listener, _ => { }, count: 4, progress);
        Until.True(() => progress.Noted.Count(noted => noted == 3) > 2, "it is told while nothing comes");
        Send(4, 4);
        Until.True(() => _delivery!.IsCompleted, "the delivery ends");
        Assert.Equal([1, 2, 3, 4], progress.Noted.Where(noted => noted > 0).Distinct());
    }

    [Fact]
    public void Progress_is_told_of_a_duplicate_too_since_time_has_passed()
    {
        using UdpListener listener = UdpListener.Open(
            new ListenerOptions { LocalAddress = IPAddress.Loopback, DuplicateWindowSeconds = 600 });
        Send(listener, 1, 1);
        Send(listener, 1, 1);
        Send(listener, 2, 2);
        var progress = new ProgressRecorder { IntervalSeconds = 0 };
        Start(listener, _ => { }, count: 2, progress);
        Until.True(() => _delivery!.IsCompleted, "the delivery ends");
        Assert.Equal([1, 1, 2], progress.Noted);
    }

    // After a message that took the pipeline long it waits at the socket, and leaves it to the other thread with the next.
    private void ExchangeUntilStandbySleeps() => Until.True(
        () =>
        {
            Send(0, 0);
            ReceiveAcks(0, 0);
            return SpinWait.SpinUntil(() => IsAsleep(_listener), TimeSpan.FromSeconds(0.1));
        },
        "with nothing to do, the standby thread sleeps");

    private void AssertEnds(ListenerStopReason reason)
    {
        Until.True(() => _delivery!.IsCompleted, "the delivery ends");
        Assert.Equal(reason, _reason);
    }

    private static bool IsAsleep(UdpListener listener) => listener.IsStandbyAsleep;

    private void Start(Action<string> deliver, long count = 0) => Start(_listener, deliver, count);

    private void Start(UdpListener listener, Action<string> deliver, long count = 0, IDeliveryProgress? progress = null)
    {
        listener.Start();
        var loop = new DeliveryLoop(listener, new Consumer(this, deliver), new DeliveryLimits(count, 0, 0), progress);
        _delivery = Task.Factory.StartNew(
            () => _reason = loop.Run(() => _isStopRequested), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private void Send(int first, int last) => Send(_listener, first, last);

    private void Send(UdpListener listener, int first, int last)
    {
        for (int i = first; i <= last; i++)
        {
            _peer.SendTo(listener.LocalPort, i.ToString(CultureInfo.InvariantCulture));
        }
    }

    private void ReceiveAcks(int first, int last) => Assert.Equal(
        Enumerable.Range(first, last - first + 1).Select(i => $"ack {i}"),
        Enumerable.Range(first, last - first + 1).Select(_ => _peer.Receive()).ToList());

    private sealed class Consumer(DeliveryLoopTests test, Action<string> deliver) : IMessageConsumer
    {
        public bool ReportsAllOutcomes { get; init; }

        public void Deliver(UdpMessage message)
        {
            test._delivered.Add(message.Message);
            deliver(message.Message);
        }

        public bool CountsAsDelivered(Exception endOfDelivery) => false;

        public bool TryCreateAck(UdpMessage message, out byte[]? ack)
        {
            ack = Encoding.UTF8.GetBytes("ack " + message.Message);
            return true;
        }

        public void OnOutputFull()
        {
        }

        public void OnAcknowledged(in AckOutcome outcome) => test._outcomes.Add(outcome);
    }

    private sealed class ProgressRecorder : IDeliveryProgress
    {
        public double IntervalSeconds { get; init; } = 0.001;

        internal ConcurrentQueue<long> Noted { get; } = new();

        public void Report(long delivered, Deadline end) => Noted.Enqueue(delivered);
    }
}
