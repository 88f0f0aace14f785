using System;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using UdpPS.Listening;
using UdpPS.Sockets;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Engine;

public sealed class DatagramReceiverTests : IDisposable
{
    private readonly ListenerOptions _options = new() { AllowFrom = AllowList.Parse(["192.0.2.1"]) };
    private readonly FakeListenerSocket _socket = new();
    private readonly ListenerCounters _counters = new();
    private readonly DatagramReceiver _receiver;

    public DatagramReceiverTests() => _receiver = Over(_options);

    public void Dispose() => _socket.Dispose();

    [Fact]
    public void An_error_of_the_socket_is_counted_and_kept()
    {
        FailWith(SocketError.OperationAborted);
        Assert.Null(Take());
        Assert.Equal(1, _counters.Errors.Value);
        Assert.Equal(SocketError.OperationAborted, _receiver.LastError?.SocketErrorCode);
    }

    [Fact]
    public void A_socket_that_only_fails_is_given_up()
    {
        FailWith(SocketError.OperationAborted);
        for (int i = 0; i < 100; i++)
        {
            Take();
        }

        Assert.Throws<SocketException>(Take);
    }

    [Fact]
    public void Errors_before_something_was_received_are_forgotten()
    {
        for (int i = 0; i < 300; i++)
        {
            if (i % 100 < 99)
            {
                FailWith(SocketError.OperationAborted);
            }
            else
            {
                Receive(1);
            }

            Take();
        }

        Assert.Equal(297, _counters.Errors.Value);
        Assert.Null(_receiver.LastError);
    }

    // The system has destroyed it: nothing more comes, not even errors.
    [Fact]
    public void A_socket_whose_connection_is_aborted_is_given_up_at_once()
    {
        FailWith(SocketError.ConnectionAborted);
        Assert.Throws<SocketException>(Take);
        Assert.Equal(0, _counters.Errors.Value);
    }

    // Each is one that a peer caused by not being there, and it is read once.
    [Theory]
    [InlineData(SocketError.ConnectionReset)]
    [InlineData(SocketError.NetworkReset)]
    public void One_that_reads_ICMP_errors_is_not_however_many_there_are(SocketError error)
    {
        FailWith(error);
        for (int i = 0; i < 300; i++)
        {
            Take();
        }

        Assert.Equal(300, _counters.Errors.Value);
        Assert.Null(_receiver.LastError);
    }

    // On Windows a wait ends like this when the socket is closed under it.
    [Fact]
    public void Once_it_is_stopping_an_error_is_none()
    {
        FailWith(SocketError.OperationAborted);
        _counters.BeginStop();
        Assert.Null(Take());
        Assert.Equal(0, _counters.Errors.Value);
        Assert.Null(_receiver.LastError);
    }

    // So it is after a suspension of the process: the time is up, and both threads find out at once.
    [Fact]
    public void What_the_standby_thread_leaves_in_the_socket_is_found_also_when_the_time_is_up()
    {
        Thread taker = Thread.CurrentThread;
        bool isStandbyThere = false;
        bool isTaking = false;
        int left = 1;
        _socket.OnReceive = (into, timeout) =>
        {
            if (timeout == int.MaxValue)
            {
                Volatile.Write(ref isStandbyThere, true);
                Until.True(
                    () => Volatile.Read(ref isTaking) && taker.ThreadState.HasFlag(ThreadState.WaitSleepJoin),
                    "the taker waits for this thread");
                into[0] = From("192.0.2.2");
                return 1;
            }

            into[0] = From("192.0.2.1");
            return Thread.CurrentThread == taker ? left-- : 0;
        };
        _receiver.Start();
        Until.True(() => Volatile.Read(ref isStandbyThere), "the standby thread is at the socket");
        Volatile.Write(ref isTaking, true);
        UdpMessage? taken;
        do
        {
            taken = Take();
        }
        while (taken is null && _counters.Denied.Value == 0);

        Assert.NotNull(taken);
        _receiver.Stop();
        _receiver.Join();
    }

    [Fact]
    public void It_waits_at_the_socket_as_long_as_it_may()
    {
        int waited = 0;
        _socket.OnReceive = (into, timeout) =>
        {
            waited = timeout;
            into[0] = From("192.0.2.1");
            return 1;
        };
        Assert.NotNull(_receiver.Take(Deadline.After(3600)));
        Assert.InRange(waited, 3_500_000, 3_600_000);
        Assert.NotNull(_receiver.Take(Deadline.Never));
        Assert.Equal(int.MaxValue, waited);
    }

    // A socket that is bound to one address does not tell which of this machine's it was.
    [Theory]
    [InlineData(null, "127.0.0.1")]
    [InlineData("192.0.2.10", "192.0.2.10")]
    public void A_message_tells_where_it_came_from_and_where_to(string? asked, string expected)
    {
        _socket.OnReceive = (into, _) =>
        {
            into[0] = From("192.0.2.1") with { Local = asked is null ? null : IPAddress.Parse(asked) };
            return 1;
        };
        UdpMessage message = Take()!;
        Assert.Equal(("192.0.2.1", 4011), (message.RemoteAddress, message.RemotePort));
        Assert.Equal((expected, 4010), (message.LocalAddress, message.LocalPort));
    }

    // There is room for one, and nobody has read the first yet.
    [Fact]
    public void What_is_dropped_is_counted_and_leaves_a_gap_in_the_numbers()
    {
        int unread = 1;
        DatagramReceiver receiver = Over(_options with { QueueLength = 1 });
        receiver.KeepUntilRead(() => unread);
        Receive(1);
        UdpMessage first = receiver.Take(Deadline.Never)!;
        receiver.EndDelivery(first);
        Assert.Null(receiver.Take(Deadline.Never));
        Assert.True(receiver.TryTakeNotice());
        Assert.False(receiver.TryTakeNotice());
        unread = 0;
        UdpMessage third = receiver.Take(Deadline.Never)!;
        Assert.Equal([1L, 3], [first.Sequence, third.Sequence]);
        Assert.Equal(2, _counters.Received.Value);
        Assert.Equal(1, _counters.Dropped.Value);
    }

    [Fact]
    public void Once_it_is_stopped_what_waits_is_counted_and_not_taken()
    {
        Receive(3);
        Assert.NotNull(Take());
        _socket.OnReceive = (_, _) => 0;
        _receiver.Stop();
        Assert.Null(_receiver.Take(Deadline.Never));
        Assert.Equal(2, _receiver.Untaken);
    }

    private DatagramReceiver Over(ListenerOptions options) =>
        new(options, _socket, _counters, new AckSender(options, _socket, _counters, LocalAddresses.OfMachine));

    // So many with each look at the socket.
    private void Receive(int count) => _socket.OnReceive = (into, _) =>
    {
        Array.Fill(into, From("192.0.2.1"), 0, count);
        return count;
    };

    private static Datagram From(string host) => new([1], new IPEndPoint(IPAddress.Parse(host), 4011), Local: null);

    private void FailWith(SocketError error) => _socket.OnReceive = (_, _) => throw new SocketException((int)error);

    // One look at the socket.
    private UdpMessage? Take() => _receiver.Take(Deadline.After(0));
}
