using System;
using System.Diagnostics;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using UdpPS.Sockets;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Engine;

/// <summary>Both implementations of a sending socket, and of the wait on many, do the same.</summary>
public sealed class PeerSocketTests : IDisposable
{
    private readonly RawSocket _peer = new();

    public enum Kind
    {
        Portable,
        Linux,
    }

    public void Dispose() => _peer.Dispose();

    [Theory]
    [InlineData(Kind.Portable)]
    [InlineData(Kind.Linux)]
    public void Datagrams_of_any_length_go_out_and_come_in_whole(Kind kind)
    {
        using IPeerSocket socket = Open(kind, _peer.EndPoint);
        foreach (int length in new[] { 0, 1, 1472, 65507 })
        {
            socket.Send(Payload(length));
            Assert.Equal(Payload(length), _peer.ReceiveBytes(out IPEndPoint from));
            Assert.Equal(socket.LocalPort, from.Port);
            _peer.SendTo(socket.LocalPort, Payload(length));
            Datagram answer = Receive(socket);
            Assert.Equal(Payload(length), answer.Payload);
            Assert.Equal(_peer.EndPoint, answer.Remote);
        }

        Assert.False(socket.TryReceive(out _));
    }

    [Theory]
    [InlineData(Kind.Portable)]
    [InlineData(Kind.Linux)]
    public void Many_go_out_whole_and_in_order(Kind kind)
    {
        using IPeerSocket socket = Open(kind, _peer.EndPoint);
        byte[][] payloads = Enumerable.Range(0, 300).Select(i => Payload(i % 7 == 0 ? i * 100 : i % 20)).ToArray();
        for (int sent = 0; sent < payloads.Length;)
        {
            byte[][] rest = payloads[sent..];
            int count = socket.SendMany(rest, rest.Length);
            Assert.InRange(count, 1, rest.Length);
            for (int end = sent + count; sent < end; sent++)
            {
                Assert.Equal(payloads[sent], _peer.ReceiveBytes(out _));
            }
        }

        Assert.False(_peer.HasMore);
    }

    [Fact]
    public void On_Linux_many_go_out_together()
    {
        using IPeerSocket socket = Open(Kind.Linux, _peer.EndPoint);
        Assert.Equal(64, socket.SendMany(Enumerable.Repeat(Payload(10), 100).ToArray(), 100));
        Assert.Equal(64, _peer.Drain());
    }

    [Theory]
    [InlineData(Kind.Portable)]
    [InlineData(Kind.Linux)]
    public void What_cannot_be_sent_is_told_and_stops_no_other(Kind kind)
    {
        using IPeerSocket socket = Open(kind, _peer.EndPoint);
        byte[][] payloads = [Payload(1), Payload(2), Payload(65508), Payload(3)];
        for (int sent = 0; sent < 2;)
        {
            sent += socket.SendMany(payloads[sent..], payloads.Length - sent);
            Assert.InRange(sent, 1, 2);
        }

        SocketException exception = Assert.Throws<SocketException>(() => socket.SendMany(payloads[2..], 2));
        Assert.Equal(SocketError.MessageSize, exception.SocketErrorCode);
        Assert.Equal(1, socket.SendMany(payloads[3..], 1));
        Assert.Equal([1, 2, 3], Enumerable.Range(0, 3).Select(_ => _peer.ReceiveBytes(out IPEndPoint _).Length));
    }

    [Theory]
    [InlineData(Kind.Portable)]
    [InlineData(Kind.Linux)]
    public void A_closed_port_is_told_once(Kind kind)
    {
        using IPeerSocket socket = Open(kind, new IPEndPoint(IPAddress.Loopback, Ports.Closed()));
        socket.Send(Payload(1));
        Assert.Equal(
            SocketError.ConnectionRefused,
            Assert.Throws<SocketException>(() => Receive(socket)).SocketErrorCode);
        Assert.False(socket.TryReceive(out _));
    }

    [Theory]
    [InlineData(Kind.Portable)]
    [InlineData(Kind.Linux)]
    public void After_the_end_nothing_is_sent_or_received(Kind kind)
    {
        IPeerSocket socket = Open(kind, _peer.EndPoint);
        socket.Dispose();
        Assert.Throws<ObjectDisposedException>(() => socket.Send([1]));
        Assert.Throws<ObjectDisposedException>(() => socket.SendMany([[1], [2]], 2));
        Assert.Throws<ObjectDisposedException>(() => socket.TryReceive(out _));
    }

    [Theory]
    [InlineData(Kind.Portable)]
    [InlineData(Kind.Linux)]
    public void An_answer_that_has_waited_is_as_old_as_it_is(Kind kind)
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("Only Linux tells when a datagram came.");
        }

        using IPeerSocket socket = Open(kind, _peer.EndPoint);
        Until.True(IsTimedRight, "the system has switched its clock on, and tells when the answer came");

        bool IsTimedRight()
        {
            long before = Stopwatch.GetTimestamp();
            _peer.SendTo(socket.LocalPort, "early");
            long after = Stopwatch.GetTimestamp();
            SpinWait.SpinUntil(() => Stopwatch.GetElapsedTime(after) > TimeSpan.FromMilliseconds(50));
            Receive(socket);
            long tolerance = Stopwatch.Frequency / 500;
            long arrived = socket.AskArrivalOfLast();
            return arrived >= before - tolerance && arrived <= after + tolerance;
        }
    }

    [Theory]
    [InlineData(Kind.Portable)]
    [InlineData(Kind.Linux)]
    public void A_wait_on_many_ends_for_an_answer_and_for_a_report_and_tells_where(Kind kind)
    {
        using IPeerSocket silent = Open(kind, _peer.EndPoint);
        using IPeerSocket answered = Open(kind, _peer.EndPoint);
        using IPeerSocket refused = Open(kind, new IPEndPoint(IPAddress.Loopback, Ports.Closed()));
        ISocketWatch watch = kind == Kind.Portable ? new PortableSocketWatch() : new LinuxSocketWatch();

        Fill();
        var time = Stopwatch.StartNew();
        watch.Wait(50);
        Assert.True(time.ElapsedMilliseconds >= 49, "the time was waited for");
        Assert.Equal([false, false, false, false], Ready());

        _peer.SendTo(answered.LocalPort, "a");
        Fill();
        watch.Wait(60_000);
        Assert.Equal([false, true, false, true], Ready());

        Receive(answered);
        refused.Send([1]);
        Fill();
        watch.Wait(60_000);
        Assert.Equal([false, false, true, false], Ready());

        void Fill()
        {
            watch.Clear();
            foreach (IPeerSocket socket in new[] { silent, answered, refused, answered })
            {
                watch.Add(socket.Socket);
            }
        }

        bool[] Ready() => Enumerable.Range(0, 4).Select(watch.IsReady).ToArray();
    }

    private static byte[] Payload(int length) => Enumerable.Range(0, length).Select(i => (byte)(i + length)).ToArray();

    private static Datagram Receive(IPeerSocket socket)
    {
        Datagram received = default;
        Until.True(() => socket.TryReceive(out received), "something has come");
        return received;
    }

    private static IPeerSocket Open(Kind kind, IPEndPoint peer)
    {
        if (kind == Kind.Linux && !OperatingSystem.IsLinux())
        {
            Assert.Skip("This one needs Linux.");
        }

        var socket = new Socket(peer.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(peer);
        return kind == Kind.Portable ? new PortablePeerSocket(socket, peer, isConnected: true) : new LinuxPeerSocket(socket, peer);
    }
}
