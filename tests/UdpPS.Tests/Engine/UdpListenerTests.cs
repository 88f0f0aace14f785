using System;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using UdpPS.Listening;
using UdpPS.Sockets;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Engine;

public sealed class UdpListenerTests
{
    [Fact]
    public void What_the_system_had_no_room_for_is_counted_as_dropped()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("Only Linux tells.");
        }

        // Bound, and not yet reading: the socket's buffer fills up.
        const int Sent = 1000;
        using UdpListener listener = UdpListener.Open(new ListenerOptions { LocalAddress = IPAddress.Loopback });
        using var peer = new RawSocket();
        for (int i = 0; i < Sent; i++)
        {
            peer.SendTo(listener.LocalPort, new byte[60_000]);
        }

        listener.Start();
        Until.True(
            () => listener.GetStatistics() is { } counted && counted.Received + counted.Dropped == Sent,
            "every datagram is received or dropped");
        UdpListenerStatistics open = listener.GetStatistics();
        Assert.InRange(open.Received, 1, Sent - 1);
        listener.Stop();
        Assert.Equal(open.Dropped, listener.GetStatistics().Dropped);
    }

    // What cannot be held is better left in the socket than dropped.
    [Fact]
    public void No_more_is_read_at_once_than_the_queue_may_hold()
    {
        using UdpListener listener = UdpListener.Open(new ListenerOptions { LocalAddress = IPAddress.Loopback, QueueLength = 2 });
        using var peer = new RawSocket();
        for (int i = 0; i < 10; i++)
        {
            peer.SendTo(listener.LocalPort, $"{i}");
        }

        for (int i = 0; i < 10; i++)
        {
            Assert.Equal($"{i}", listener.Take(Deadline.After(Until.Deadline.TotalSeconds))?.Message);
        }

        Assert.Equal(0, listener.GetStatistics().Dropped);
    }

    [Fact]
    public void What_is_allowed_is_found_behind_what_is_not_also_when_the_time_is_up()
    {
        const int Denied = 300;
        using UdpListener listener = OpenForOneHost();
        using var peer = new RawSocket();
        SendFromAnotherHost(listener, Denied);

        peer.SendTo(listener.LocalPort, "allowed");
        UdpMessage? allowed = listener.Take(Deadline.After(0));
        Assert.Equal("allowed", allowed?.Message);
        Assert.Equal(1, allowed?.Sequence);
        Assert.Equal(Denied, listener.GetStatistics().Denied);
        Assert.Null(listener.Take(Deadline.After(0)));
    }

    [Fact]
    public void What_nobody_has_read_when_it_stops_is_counted_but_for_what_is_not_allowed()
    {
        const int Denied = 70;
        const int Allowed = 130;
        using UdpListener listener = OpenForOneHost();
        using var peer = new RawSocket();
        for (int i = 0; i < Allowed; i++)
        {
            peer.SendTo(listener.LocalPort, "a");
        }

        SendFromAnotherHost(listener, Denied);

        listener.Stop();
        Assert.Equal(Allowed, listener.Untaken);
        Assert.Equal(Denied, listener.GetStatistics().Denied);
        Assert.Equal(0, listener.GetStatistics().Received);
    }

    [Fact]
    public void What_is_acknowledged_while_it_stops_leaves_before_the_socket_closes()
    {
        using var socket = new FakeListenerSocket();
        using var listener = new UdpListener(new ListenerOptions(), socket);
        Thread test = Thread.CurrentThread;
        int left = 1;
        bool isStandbyBusy = false;
        socket.OnReceive = (into, _) =>
        {
            if (Thread.CurrentThread != test)
            {
                Volatile.Write(ref isStandbyBusy, true);
                Until.True(() => socket.IsClosed, "the socket closes");
                return 0;
            }

            into[0] = new Datagram([1], new IPEndPoint(IPAddress.Parse("192.0.2.1"), 4011), Local: null);
            return left-- > 0 ? 1 : 0;
        };
        UdpMessage message = listener.Take(Deadline.After(0))!;
        listener.Start();
        Until.True(() => Volatile.Read(ref isStandbyBusy), "the standby thread reads");
        socket.OnEndWaits = () => listener.Acknowledge(message, "ack"u8.ToArray(), isUrgent: false);
        listener.Stop();
        Assert.Equal([["ack"]], socket.Sends);
    }

    [Fact]
    public void One_whose_socket_fails_while_a_message_is_handled_has_failed()
    {
        using var socket = new FakeListenerSocket();
        using var listener = new UdpListener(new ListenerOptions(), socket);
        socket.OnReceive = (_, _) => throw new SocketException((int)SocketError.ConnectionAborted);
        listener.Start();
        Until.True(() => listener.IsStopped, "the listener fails");
        Assert.Equal(SocketError.ConnectionAborted, Assert.IsType<SocketException>(listener.Failure).SocketErrorCode);
        Assert.Null(listener.Take(Deadline.Never));
        Until.True(() => socket.IsClosed, "the socket closes");
    }

    // On Windows a wait that is ended fails.
    [Fact]
    public void What_fails_because_it_stops_is_no_error()
    {
        using var socket = new FakeListenerSocket();
        using var listener = new UdpListener(new ListenerOptions(), socket);
        Thread test = Thread.CurrentThread;
        bool isWaiting = false;
        bool isEnding = false;
        socket.OnEndWaits = () => Volatile.Write(ref isEnding, true);
        socket.OnReceive = (_, _) =>
        {
            if (Thread.CurrentThread == test)
            {
                return 0;
            }

            Volatile.Write(ref isWaiting, true);
            Until.True(() => Volatile.Read(ref isEnding), "the wait is ended");
            throw new SocketException((int)SocketError.OperationAborted);
        };
        listener.Start();
        Until.True(() => Volatile.Read(ref isWaiting), "the standby thread reads");
        listener.Dispose();
        Assert.Equal(0, listener.GetStatistics().Errors);
        Assert.Null(listener.Failure);
    }

    [Fact]
    public void It_is_among_those_that_run_until_it_stops()
    {
        var group = IPAddress.Parse("239.255.40.77");
        using var socket = new FakeListenerSocket();
        using var listener = new UdpListener(new ListenerOptions { MulticastGroups = [group] }, socket);
        Assert.Contains(listener, UdpListener.Running);
        Assert.Equal([group], listener.MulticastGroups);
        listener.Stop();
        Assert.DoesNotContain(listener, UdpListener.Running);
    }

    [Fact]
    public void It_can_be_stopped_from_anywhere_any_number_of_times()
    {
        UdpListener listener = UdpListener.Open(new ListenerOptions { LocalAddress = IPAddress.Loopback });
        listener.Start();
        listener.Stop();
        listener.Stop();
        listener.Dispose();
        listener.Dispose();
        Ports.AssertFree(listener.LocalPort);
        Assert.True(listener.IsStopped);
        Assert.Null(listener.Take(Deadline.Never));
    }

    [Fact]
    public void One_that_was_never_started_frees_its_port_too()
    {
        UdpListener listener = UdpListener.Open(new ListenerOptions { LocalAddress = IPAddress.Loopback });
        Assert.ThrowsAny<Exception>(() => Ports.AssertFree(listener.LocalPort));
        listener.Dispose();
        Ports.AssertFree(listener.LocalPort);
    }

    private static UdpListener OpenForOneHost() => UdpListener.Open(
        new ListenerOptions { LocalAddress = IPAddress.Loopback, AllowFrom = AllowList.Parse(["127.0.0.1"]) });

    private static void SendFromAnotherHost(UdpListener listener, int count)
    {
        using var stranger = new RawSocket(IPAddress.Parse("127.0.0.2"));
        var to = new IPEndPoint(IPAddress.Loopback, listener.LocalPort);
        for (int i = 0; i < count; i++)
        {
            stranger.Socket.SendTo([1], to);
        }
    }
}
