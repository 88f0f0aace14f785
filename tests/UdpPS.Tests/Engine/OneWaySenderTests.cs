using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using UdpPS.Sending;
using UdpPS.Sockets;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Engine;

/// <summary>Messages that nobody will ask about leave in order, and a destination without room holds up no other.</summary>
public sealed class OneWaySenderTests
{
    private static readonly IPEndPoint Blocked = new(IPAddress.Parse("127.0.0.2"), 9);
    private static readonly IPEndPoint Open = new(IPAddress.Parse("127.0.0.3"), 9);

    private readonly Factory _factory = new();

    [Fact]
    public void A_destination_without_room_holds_up_no_other_and_its_messages_fail_in_the_end()
    {
        _factory.HasRoom = remote => remote.Equals(Open);
        using OneWaySender sender = NewSender();
        for (int i = 0; i < 100; i++)
        {
            Send(sender, Blocked, $"b{i}");
            Send(sender, Open, $"{i}");
        }

        Until.True(() => _factory.SentTo(Open).Length == 100, "all to the open one have left");
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), _factory.SentTo(Open));
        sender.Flush(CancellationToken.None);
        OneWayFailure[] failures = FailuresOf(sender).ToArray();
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"b{i}"), failures.Select(one => (string)one.Message.Source!));
        Assert.All(failures, one => Assert.Equal((Blocked, SocketError.WouldBlock), (one.Remote, one.Exception.SocketErrorCode)));
    }

    [Fact]
    public void What_finds_room_again_leaves_in_order()
    {
        bool hasRoom = false;
        _factory.HasRoom = _ => Volatile.Read(ref hasRoom);
        using OneWaySender sender = NewSender();
        for (int i = 0; i < 100; i++)
        {
            Send(sender, Open, $"{i}");
        }

        Volatile.Write(ref hasRoom, true);
        sender.Flush(CancellationToken.None);
        Assert.Empty(FailuresOf(sender));
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), _factory.SentTo(Open));
    }

    [Fact]
    public void A_slow_destination_gets_everything_however_long_it_takes()
    {
        // One message in two milliseconds.
        long next = 0;
        _factory.HasRoom = _ =>
        {
            long now = Environment.TickCount64;
            bool hasRoom = now >= next;
            next = hasRoom ? now + 2 : next;
            return hasRoom;
        };
        using OneWaySender sender = NewSender();
        for (int i = 0; i < 500; i++)
        {
            Send(sender, Open, $"{i}");
        }

        sender.Flush(TestContext.Current.CancellationToken);
        Assert.Empty(FailuresOf(sender));
        Assert.Equal(Enumerable.Range(0, 500).Select(i => $"{i}"), _factory.SentTo(Open));
    }

    [Fact]
    public void A_report_on_an_earlier_message_costs_none()
    {
        _factory.FailOnce = SocketError.ConnectionRefused;
        AssertThatOneLeaves();
    }

    // Where a way is gone, another socket may find another. What is too long for the path says nothing of that.
    [Theory]
    [InlineData(SocketError.NetworkUnreachable, 2)]
    [InlineData(SocketError.MessageSize, 1)]
    public void After_one_that_could_not_leave_the_next_has_a_socket_that_is_new(SocketError error, int sockets)
    {
        _factory.Error = error;
        _factory.HasRoom = _ => false;
        using OneWaySender sender = NewSender();
        Send(sender, Open, "a");
        sender.Flush(CancellationToken.None);
        OneWayFailure failure = Assert.Single(FailuresOf(sender));
        Assert.Equal((Open, "a", error), (failure.Remote, failure.Message.Source, failure.Exception.SocketErrorCode));
        _factory.HasRoom = _ => true;
        Send(sender, Open, "b");
        sender.Flush(CancellationToken.None);
        Assert.Empty(FailuresOf(sender));
        Assert.Equal(["b"], _factory.SentTo(Open));
        Assert.Equal(sockets, _factory.CountOpened(Open));
        Assert.Equal(1, _factory.CountOpen());
    }

    [Fact]
    public void A_system_without_buffers_is_waited_for()
    {
        _factory.Error = SocketError.NoBufferSpaceAvailable;
        int calls = 0;
        _factory.HasRoom = _ => ++calls > 1;
        AssertThatOneLeaves();
    }

    // 4,096 messages, or 16 MiB of them.
    [Theory]
    [InlineData(1, 4096)]
    [InlineData(65507, 256)]
    public void So_much_waits_to_leave_and_no_more(int length, int messages)
    {
        using var gate = new Gate();
        _factory.HasRoom = _ =>
        {
            gate.Pass();
            return true;
        };
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        using OneWaySender sender = NewSender();
        int taken = 0;
        Assert.Throws<OperationCanceledException>(() =>
        {
            for (; taken < 100_000; taken++)
            {
                sender.Send(new OneWayMessage(null!, new byte[length], null), Open, stop.Token);
            }
        });
        gate.Open();
        Assert.Equal(messages, taken);
        sender.Flush(CancellationToken.None);
        Assert.Equal(messages, _factory.SentTo(Open).Length);
    }

    [Fact]
    public void A_destination_that_is_used_between_many_others_keeps_its_socket()
    {
        using OneWaySender sender = NewSender();
        for (int i = 0; i < 300; i++)
        {
            Send(sender, Open, $"{i}");
            Send(sender, new IPEndPoint(IPAddress.Loopback, 1000 + i), $"{i}");
        }

        sender.Flush(CancellationToken.None);
        Assert.Equal(1, _factory.CountOpened(Open));
        Assert.Equal(300, _factory.SentTo(Open).Length);
    }

    [Fact]
    public void A_fault_of_the_senders_thread_fails_what_waits_and_holds_up_nobody()
    {
        _factory.HasRoom = _ => throw new InvalidOperationException();
        OneWaySender sender = NewSender();
        Send(sender, Open, "a");
        sender.Flush(TestContext.Current.CancellationToken);
        OneWayFailure failure = Assert.Single(FailuresOf(sender));
        Assert.Equal(("a", SocketError.SocketError), (failure.Message.Source, failure.Exception.SocketErrorCode));
        Assert.Throws<SocketException>(() => Send(sender, Open, "b"));
        sender.Dispose();
        Assert.Equal(0, _factory.CountOpen());
    }

    [Fact]
    public void What_is_too_long_for_the_path_fails_alone()
    {
        _factory.TooLong = "too long";
        using OneWaySender sender = NewSender();
        foreach (string text in new[] { "a", "too long", "b" })
        {
            Send(sender, Open, text);
        }

        sender.Flush(CancellationToken.None);
        OneWayFailure failure = Assert.Single(FailuresOf(sender));
        Assert.Equal("too long", failure.Message.Source);
        Assert.Equal(1280, Assert.IsType<PathMtuException>(failure.Exception).PathMtu);
        Assert.Equal(["a", "b"], _factory.SentTo(Open));
    }

    [Fact]
    public void The_latest_256_destinations_have_a_socket_and_none_stays_open()
    {
        using (OneWaySender sender = NewSender())
        {
            for (int i = 0; i < 600; i++)
            {
                Send(sender, new IPEndPoint(IPAddress.Loopback, 1000 + (i % 300)), $"{i}");
                Assert.InRange(_factory.CountOpen(), 1, 256);
            }

            sender.Flush(CancellationToken.None);
            Assert.Equal(256, _factory.CountOpen());
        }

        Assert.Equal(0, _factory.CountOpen());
    }

    [Fact]
    public void A_wait_for_room_in_the_queue_ends_with_the_users_wish_to_stop_and_so_does_the_sender()
    {
        _factory.HasRoom = _ => false;
        using var stop = new CancellationTokenSource();
        OneWaySender sender = NewSender();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() =>
        {
            for (int i = 0; i < 100_000; i++)
            {
                sender.Send(new OneWayMessage(null!, [1], null), Open, stop.Token);
            }
        });
        sender.Dispose();
        Assert.Equal(0, _factory.CountOpen());
    }

    [Fact]
    public void What_waits_is_sent_when_the_sender_is_closed()
    {
        OneWaySender sender = NewSender();
        for (int i = 0; i < 1000; i++)
        {
            Send(sender, Open, $"{i}");
        }

        sender.Dispose();
        Assert.Equal(1000, _factory.SentTo(Open).Length);
    }

    private static void Send(OneWaySender sender, IPEndPoint remote, string text) =>
        sender.Send(new OneWayMessage(null!, Encoding.UTF8.GetBytes(text), text), remote, TestContext.Current.CancellationToken);

    private static IEnumerable<OneWayFailure> FailuresOf(OneWaySender sender)
    {
        while (sender.TryTakeFailure(out OneWayFailure failure))
        {
            yield return failure;
        }
    }

    private void AssertThatOneLeaves()
    {
        using OneWaySender sender = NewSender();
        Send(sender, Open, "a");
        sender.Flush(CancellationToken.None);
        Assert.Empty(FailuresOf(sender));
        Assert.Equal(["a"], _factory.SentTo(Open));
    }

    private OneWaySender NewSender() =>
        new(new SendOptions(), new SenderResources(_factory, new FreePorts(Enumerable.Range(1, 400).ToArray()), int.MaxValue));

    // Sockets of which a test says when they have room.
    private sealed class Factory : IPeerSocketFactory
    {
        private readonly List<(IPEndPoint Remote, string Text)> _sent = [];
        private readonly ConcurrentQueue<IPEndPoint> _opened = new();
        private int _open;

        internal Func<IPEndPoint, bool> HasRoom { get; set; } = _ => true;

        /// <summary>What a send returns that finds no room.</summary>
        internal SocketError Error { get; set; } = SocketError.WouldBlock;

        internal SocketError FailOnce { get; set; } = SocketError.Success;

        internal string? TooLong { get; set; }

        public IPeerSocket OpenFor(IPEndPoint remote, int localPort, SendOptions options)
        {
            Assert.Equal(212_992, options.SendBuffer);
            Interlocked.Increment(ref _open);
            _opened.Enqueue(remote);
            return new FactorySocket(this, remote, localPort);
        }

        public IPeerSocket OpenShared(AddressFamily family, int localPort, SendOptions options) => throw new NotSupportedException();

        public IPoller CreatePoller() => throw new NotSupportedException();

        internal int CountOpen() => Volatile.Read(ref _open);

        internal int CountOpened(IPEndPoint remote) => _opened.Count(remote.Equals);

        internal string[] SentTo(IPEndPoint remote)
        {
            lock (_sent)
            {
                return _sent.Where(one => one.Remote.Equals(remote)).Select(one => one.Text).ToArray();
            }
        }

        private sealed class FactorySocket(Factory factory, IPEndPoint remote, int localPort) : IPeerSocket
        {
            private IcmpError? _report;

            public IPEndPoint LocalEndPoint { get; } = new(IPAddress.Loopback, localPort);

            public IPeerSocket Polled => this;

            public string? Ambiguity => null;

            public SocketError Send(byte[] payload, IPEndPoint to)
            {
                string text = Encoding.UTF8.GetString(payload);
                if (factory.FailOnce is not SocketError.Success and var error)
                {
                    factory.FailOnce = SocketError.Success;
                    _report = IcmpError.From(error);
                    return error;
                }

                if (text == factory.TooLong)
                {
                    _report = IcmpError.From(SocketError.MessageSize) with { PathMtu = 1280 };
                    return SocketError.MessageSize;
                }

                if (!factory.HasRoom(remote))
                {
                    return factory.Error;
                }

                lock (factory._sent)
                {
                    factory._sent.Add((to, text));
                }

                return SocketError.Success;
            }

            public int SendMany(byte[][] payloads, int count, IPEndPoint to, out SocketError error)
            {
                int sent = 0;
                error = SocketError.Success;
                while (sent < count && (error = Send(payloads[sent], to)) == SocketError.Success)
                {
                    sent++;
                }

                // As the system does it: the error is told by the next call.
                error = sent > 0 ? SocketError.Success : error;
                return sent;
            }

            public SocketError Receive(out Datagram datagram) => throw new NotSupportedException();

            public SocketError ReceiveLate(out Datagram datagram, out TimeSpan? age) => throw new NotSupportedException();

            public bool TryTakeIcmpError(out IcmpError error)
            {
                error = _report!;
                _report = null;
                return error is not null;
            }

            public void Dispose() => Interlocked.Decrement(ref factory._open);
        }
    }
}
