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

    public DatagramReceiverTests() => _receiver = new DatagramReceiver(
        _options, _socket, _counters, new AckSender(_options, _socket, _counters, LocalAddresses.OfMachine));

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

    private static Datagram From(string host) => new([1], new IPEndPoint(IPAddress.Parse(host), 4011), Local: null);

    private void FailWith(SocketError error) => _socket.OnReceive = (_, _) => throw new SocketException((int)error);

    // One look at the socket.
    private UdpMessage? Take() => _receiver.Take(Deadline.After(0));
}
