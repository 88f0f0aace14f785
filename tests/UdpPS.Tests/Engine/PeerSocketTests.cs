using System;
using System.Diagnostics;
using System.Linq;
using System.Net;
using System.Net.Sockets;
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
    [InlineData(Kind.Portable, true)]
    [InlineData(Kind.Portable, false)]
    [InlineData(Kind.Linux, true)]
    [InlineData(Kind.Linux, false)]
    public void Datagrams_of_any_length_go_out_and_come_in_whole(Kind kind, bool isConnected)
    {
        int port = Ports.Free();
        using IPeerSocket socket = isConnected
            ? Open(kind, _peer.EndPoint, port)
            : FactoryOf(kind).OpenShared(AddressFamily.InterNetwork, port, new SendOptions());
        Assert.Equal(new IPEndPoint(isConnected ? IPAddress.Loopback : IPAddress.Any, port), socket.LocalEndPoint);
        foreach (int length in new[] { 0, 1, 1472, 65507 })
        {
            Assert.Equal(SocketError.Success, socket.Send(Payload(length), _peer.EndPoint));
            Assert.Equal(Payload(length), _peer.ReceiveBytes(out IPEndPoint from));
            Assert.Equal(port, from.Port);
            _peer.SendTo(port, Payload(length));
            Datagram answer = Receive(socket);
            Assert.Equal(Payload(length), answer.Payload);
            Assert.Equal(_peer.EndPoint, answer.Remote);
        }

        Assert.Equal(SocketError.WouldBlock, socket.Receive(out _));
    }

    [Theory]
    [InlineData(Kind.Portable)]
    [InlineData(Kind.Linux)]
    public void A_connected_socket_hears_its_peer_alone_and_an_unconnected_one_everyone(Kind kind)
    {
        using var stranger = new RawSocket();
        using IPeerSocket connected = Open(kind, _peer.EndPoint);
        using IPeerSocket shared = FactoryOf(kind).OpenShared(AddressFamily.InterNetwork, Ports.Free(), new SendOptions());
        foreach (IPeerSocket socket in new[] { connected, shared })
        {
            stranger.SendTo(socket.LocalEndPoint.Port, "stranger");
            _peer.SendTo(socket.LocalEndPoint.Port, "peer");
        }

        Assert.Equal(_peer.EndPoint, Receive(connected).Remote);
        Assert.Equal(stranger.EndPoint, Receive(shared).Remote);
        Assert.Equal(_peer.EndPoint, Receive(shared).Remote);
    }

    [Theory]
    [InlineData(Kind.Portable)]
    [InlineData(Kind.Linux)]
    public void A_port_in_use_is_told_as_such(Kind kind)
    {
        PortUnavailableException exception =
            Assert.Throws<PortUnavailableException>(() => Open(kind, new IPEndPoint(IPAddress.Loopback, 9), _peer.Port));
        Assert.Equal(SocketError.AddressAlreadyInUse, exception.SocketErrorCode);
        Assert.Equal(
            SocketError.AddressNotAvailable,
            Assert.ThrowsAny<SocketException>(() => FactoryOf(kind).OpenFor(
                _peer.EndPoint, Ports.Free(), new SendOptions { LocalAddress = IPAddress.Parse("192.0.2.1") })).SocketErrorCode);
    }

    [Theory]
    [InlineData(Kind.Portable)]
    [InlineData(Kind.Linux)]
    public void What_cannot_be_sent_is_told_and_stops_no_other(Kind kind)
    {
        using IPeerSocket socket = Open(kind, _peer.EndPoint);
        Assert.Equal(SocketError.MessageSize, socket.Send(Payload(65508), _peer.EndPoint));
        Assert.Equal(SocketError.Success, socket.Send(Payload(3), _peer.EndPoint));
        Assert.Equal(Payload(3), _peer.ReceiveBytes(out _));
    }

    [Theory]
    [InlineData(Kind.Portable, "127.0.0.1")]
    [InlineData(Kind.Linux, "127.0.0.1")]
    [InlineData(Kind.Linux, "::1")]
    [WineCannot("PortUnreachable")]
    public void A_closed_port_is_reported_once(Kind kind, string address)
    {
        var closed = new IPEndPoint(IPAddress.Parse(address), Ports.Closed());
        using IPeerSocket socket = Open(kind, closed);
        socket.Send(Payload(1), closed);
        IPoller poller = FactoryOf(kind).CreatePoller();
        poller.Add(socket);
        poller.Wait(60_000);
        Assert.True(socket.Receive(out _) is SocketError.ConnectionRefused or SocketError.ConnectionReset);
        Assert.True(socket.TryTakeIcmpError(out IcmpError report));
        Assert.Equal(IcmpErrorKind.PortUnreachable, report.Kind);
        Assert.False(socket.TryTakeIcmpError(out _));
        Assert.Equal(SocketError.WouldBlock, socket.Receive(out _));
        if (kind == Kind.Linux)
        {
            Assert.Equal(IPAddress.Parse(address), report.Reporter);
            Assert.Equal(closed, report.Destination);
        }
    }

    [Fact]
    public void On_Linux_a_socket_for_many_tells_whose_port_is_closed()
    {
        var closed = new IPEndPoint(IPAddress.Loopback, Ports.Closed());
        using IPeerSocket socket = FactoryOf(Kind.Linux).OpenShared(AddressFamily.InterNetwork, Ports.Free(), new SendOptions());
        socket.Send(Payload(1), closed);
        IcmpError report = null!;
        Until.True(() => socket.TryTakeIcmpError(out report), "the report has come");
        Assert.Equal(closed, report.Destination);
        Assert.Equal(SocketError.Success, socket.Send(Payload(1), _peer.EndPoint));
    }

    [Theory]
    [InlineData(Kind.Portable)]
    [InlineData(Kind.Linux)]
    public void After_the_end_nothing_is_sent_or_received(Kind kind)
    {
        IPeerSocket socket = Open(kind, _peer.EndPoint);
        socket.Dispose();
        Assert.Throws<ObjectDisposedException>(() => socket.Send([1], _peer.EndPoint));
        Assert.Throws<ObjectDisposedException>(() => socket.Receive(out _));
        socket.Dispose();
    }

    [Theory]
    [InlineData(Kind.Portable, false)]
    [InlineData(Kind.Portable, true)]
    [InlineData(Kind.Linux, false)]
    [InlineData(Kind.Linux, true)]
    public void The_options_reach_the_socket(Kind kind, bool isIPv6)
    {
        IPAddress loopback = isIPv6 ? IPAddress.IPv6Loopback : IPAddress.Loopback;
        using var peer = new RawSocket(loopback);
        using IPeerSocket socket = FactoryOf(kind).OpenFor(
            peer.EndPoint,
            Ports.Free(),
            new SendOptions { LocalAddress = loopback, MaxHops = 7, DontFragment = true, Broadcast = !isIPv6 });
        Socket raw = RawPeerSocket.Of(socket);
        Assert.Equal(7, raw.Ttl);
        Assert.Equal(7, raw.GetSocketOption(
            isIPv6 ? SocketOptionLevel.IPv6 : SocketOptionLevel.IP, SocketOptionName.MulticastTimeToLive));
        Assert.Equal(!isIPv6, raw.EnableBroadcast);
        if (isIPv6)
        {
            // IPV6_DONTFRAG
            Assert.Equal(1, BitConverter.ToInt32(OptionOf(raw, 41, OperatingSystem.IsWindows() ? 14 : 62)));
        }
        else
        {
            Assert.True(raw.DontFragment);
        }

        using IPeerSocket plain = Open(kind, _peer.EndPoint);
        Assert.False(RawPeerSocket.Of(plain).DontFragment);
        Assert.False(RawPeerSocket.Of(plain).EnableBroadcast);
    }

    [Theory]
    [InlineData(Kind.Portable)]
    [InlineData(Kind.Linux)]
    [WineCannot("PortUnreachable")]
    public void A_wait_on_many_ends_for_an_answer_and_for_a_report_and_tells_where(Kind kind)
    {
        var closed = new IPEndPoint(IPAddress.Loopback, Ports.Closed());
        using IPeerSocket silent = Open(kind, _peer.EndPoint);
        using IPeerSocket answered = Open(kind, _peer.EndPoint);
        using IPeerSocket refused = Open(kind, closed);
        IPoller poller = FactoryOf(kind).CreatePoller();

        Fill();
        var time = Stopwatch.StartNew();
        poller.Wait(50);
        Assert.True(time.ElapsedMilliseconds >= 49, "the time was waited for");
        Assert.Equal([false, false, false, false], Ready());

        _peer.SendTo(answered.LocalEndPoint.Port, "a");
        Fill();
        poller.Wait(60_000);
        Assert.Equal([false, true, false, true], Ready());

        Receive(answered);
        refused.Send([1], closed);
        Fill();
        poller.Wait(60_000);
        Assert.Equal([false, false, true, false], Ready());

        void Fill()
        {
            poller.Clear();
            foreach (IPeerSocket socket in new[] { silent, answered, refused, answered })
            {
                poller.Add(socket);
            }
        }

        bool[] Ready() => Enumerable.Range(0, 4).Select(poller.IsReady).ToArray();
    }

    private static byte[] Payload(int length) => Enumerable.Range(0, length).Select(i => (byte)(i + length)).ToArray();

    private static Datagram Receive(IPeerSocket socket)
    {
        Datagram received = default;
        Until.True(() => socket.Receive(out received) == SocketError.Success, "something has come");
        return received;
    }

    private static byte[] OptionOf(Socket socket, int level, int option)
    {
        byte[] value = new byte[sizeof(int)];
        socket.GetRawSocketOption(level, option, value);
        return value;
    }

    private static IPeerSocketFactory FactoryOf(Kind kind)
    {
        Assert.SkipWhen(kind == Kind.Linux && !OperatingSystem.IsLinux(), "This one needs Linux.");
        return new SocketFactory(isPortable: kind == Kind.Portable);
    }

    private static IPeerSocket Open(Kind kind, IPEndPoint peer, int? port = null) =>
        FactoryOf(kind).OpenFor(peer, port ?? Ports.Free(), new SendOptions());
}
