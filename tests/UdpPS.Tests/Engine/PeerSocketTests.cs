using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.NetworkInformation;
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
        using IPeerSocket socket = Open(kind, isConnected, port);
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
    [InlineData(Kind.Portable, true)]
    [InlineData(Kind.Portable, false)]
    [InlineData(Kind.Linux, true)]
    [InlineData(Kind.Linux, false)]
    public void Many_go_out_in_order_each_a_datagram_of_its_own(Kind kind, bool isConnected)
    {
        int port = Ports.Free();
        using IPeerSocket socket = Open(kind, isConnected, port);

        // More bytes, and more datagrams, than one call takes.
        int[] lengths = [3, 0, 1472, 20_000, 20_000, 20_000, 20_000, .. Enumerable.Repeat(5, 80)];
        byte[][] payloads = [.. lengths.Select((length, i) => Payload(length).Select(value => (byte)(value + i)).ToArray())];
        for (int sent = 0; sent < payloads.Length;)
        {
            int more = socket.SendMany(payloads[sent..], payloads.Length - sent, _peer.EndPoint, out SocketError error);
            Assert.Equal(SocketError.Success, error);
            Assert.NotEqual(0, more);
            sent += more;
        }

        Assert.Equal(1, socket.SendMany([[1], [2]], 1, _peer.EndPoint, out _));
        foreach (byte[] payload in payloads.Append([1]))
        {
            Assert.Equal(payload, _peer.ReceiveBytes(out IPEndPoint from));
            Assert.Equal(port, from.Port);
        }

        Assert.Equal(0, socket.SendMany([Payload(65508)], 1, _peer.EndPoint, out SocketError failure));
        Assert.Equal(SocketError.MessageSize, failure);
        Assert.False(_peer.HasMore);
    }

    // With a little room for what a clock is set by meanwhile.
    [Fact]
    public void On_Linux_a_datagram_tells_how_long_ago_it_came()
    {
        using IPeerSocket socket = Open(Kind.Linux, _peer.EndPoint);
        IPoller poller = FactoryOf(Kind.Linux).CreatePoller();
        poller.Add(socket);
        long sent = 0;
        TimeSpan? age = null;

        // Linux begins to note the times a moment after it is asked to.
        Until.True(() => AgeOfOne() is not null, "the time is noted");
        for (int round = 0; round < 4; round++)
        {
            TimeSpan found = Assert.NotNull(AgeOfOne());
            Assert.InRange(found.TotalMilliseconds, 48, Stopwatch.GetElapsedTime(sent).TotalMilliseconds + 2);
        }

        TimeSpan? AgeOfOne()
        {
            sent = Stopwatch.GetTimestamp();
            _peer.SendTo(socket.LocalEndPoint.Port, [1]);
            poller.Wait(60_000);
            long there = Stopwatch.GetTimestamp();
            Until.True(() => Stopwatch.GetElapsedTime(there).TotalMilliseconds >= 50, "it waits for a while");
            Assert.Equal(SocketError.Success, socket.ReceiveLate(out Datagram datagram, out age));
            Assert.Equal([1], datagram.Payload);
            Assert.Equal(_peer.EndPoint, datagram.Remote);
            return age;
        }
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
    public void One_that_cannot_be_opened_leaves_no_socket_behind(Kind kind)
    {
        const int Attempts = 50;
        IPeerSocketFactory factory = FactoryOf(kind);
        var options = new SendOptions { LocalAddress = IPAddress.Parse("192.0.2.1") };
        int before = ProcessSockets.CountInUse();
        for (int i = 0; i < Attempts; i++)
        {
            Assert.ThrowsAny<SocketException>(() => factory.OpenFor(_peer.EndPoint, 0, options));
        }

        Assert.InRange(ProcessSockets.Count(), 0, before + (Attempts / 2));
    }

    [Theory]
    [InlineData(Kind.Portable)]
    [InlineData(Kind.Linux)]
    public void Programs_that_are_started_do_not_get_the_socket(Kind kind)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "What a descriptor is can be read from /proc, which only Linux has.");
        const int CloseOnExec = 0x80000;
        using IPeerSocket socket = Open(kind, _peer.EndPoint);
        string flags = File.ReadLines($"/proc/self/fdinfo/{RawPeerSocket.Of(socket).Handle}").Single(line => line.StartsWith("flags:", StringComparison.Ordinal));
        Assert.Equal(CloseOnExec, Convert.ToInt32(flags["flags:".Length..].Trim(), 8) & CloseOnExec);
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

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void On_Linux_a_socket_for_many_tells_whose_port_is_closed(string address)
    {
        var closed = new IPEndPoint(IPAddress.Parse(address), Ports.Closed());
        using var peer = new RawSocket(closed.Address);
        using IPeerSocket socket = FactoryOf(Kind.Linux).OpenShared(closed.AddressFamily, Ports.Free(), new SendOptions());
        socket.Send(Payload(1), closed);
        IcmpError report = null!;
        Until.True(() => socket.TryTakeIcmpError(out report), "the report has come");
        Assert.Equal(closed, report.Destination);
        Assert.Equal(SocketError.ConnectionRefused, report.Error);
        Assert.Equal(SocketError.Success, socket.Send(Payload(1), peer.EndPoint));
        peer.ReceiveBytes(out IPEndPoint from);
        peer.SendTo(from.Port, [2]);
        Assert.Equal(peer.EndPoint, Receive(socket).Remote);
    }

    [Theory]
    [InlineData(Kind.Portable)]
    [InlineData(Kind.Linux)]
    public void After_the_end_nothing_is_sent_or_received(Kind kind)
    {
        IPeerSocket socket = Open(kind, _peer.EndPoint);
        socket.Dispose();
        Assert.Throws<ObjectDisposedException>(() => socket.Send([1], _peer.EndPoint));
        Assert.Throws<ObjectDisposedException>(() => socket.SendMany([[1]], 1, _peer.EndPoint, out _));
        Assert.Throws<ObjectDisposedException>(() => socket.Receive(out _));
        Assert.Throws<ObjectDisposedException>(() => socket.ReceiveLate(out _, out _));
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
        Assert.NotEqual(7, RawPeerSocket.Of(plain).Ttl);
        Assert.False(RawPeerSocket.Of(plain).EnableBroadcast);
    }

    // Of a socket that other hosts may reply to.
    [Theory]
    [InlineData(Kind.Portable, false)]
    [InlineData(Kind.Portable, true)]
    [InlineData(Kind.Linux, false)]
    [InlineData(Kind.Linux, true)]
    public void A_socket_for_many_reaches_groups_from_its_address_and_hears_its_own_alone(Kind kind, bool isIPv6)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The numbers are Linux's.");
        Assert.SkipUnless(Socket.OSSupportsIPv6, "This machine has no IPv6.");
        const int Bytes = 20_000;
        IPAddress local = isIPv6 ? IPAddress.IPv6Loopback : IPAddress.Loopback;
        var options = new SendOptions { LocalAddress = local, SendBuffer = Bytes };
        var group = new IPEndPoint(IPAddress.Parse(isIPv6 ? "ff15::1" : "239.255.77.1"), 9);
        using var other = new Socket(local.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { SendBufferSize = Bytes };
        using IPeerSocket shared = FactoryOf(kind).OpenShared(local.AddressFamily, Ports.Free(), options);
        using IPeerSocket forGroup = FactoryOf(kind).OpenFor(group, Ports.Free(), options);
        if (isIPv6)
        {
            // IPV6_V6ONLY: the same port of IPv4 may be another's.
            using IPeerSocket ofAnyAddress = FactoryOf(kind).OpenShared(local.AddressFamily, Ports.Free(), new SendOptions());
            Assert.Equal(1, BitConverter.ToInt32(OptionOf(RawPeerSocket.Of(ofAnyAddress), 41, 26)));
        }

        foreach (Socket raw in new[] { RawPeerSocket.Of(shared), RawPeerSocket.Of(forGroup) })
        {
            Assert.Equal(other.SendBufferSize, raw.SendBufferSize);
            if (isIPv6)
            {
                // IPV6_MULTICAST_ALL, IPV6_MULTICAST_IF
                Assert.Equal(0, BitConverter.ToInt32(OptionOf(raw, 41, 29)));
                Assert.Equal(NetworkInterface.IPv6LoopbackInterfaceIndex, BitConverter.ToInt32(OptionOf(raw, 41, 17)));
            }
            else
            {
                // IP_MTU_DISCOVER, IP_MULTICAST_ALL, IP_MULTICAST_IF
                Assert.Equal(0, BitConverter.ToInt32(OptionOf(raw, 0, 10)));
                Assert.Equal(0, BitConverter.ToInt32(OptionOf(raw, 0, 49)));
                Assert.Equal(local.GetAddressBytes(), OptionOf(raw, 0, 32));
            }
        }
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

        poller.Add(silent);
        Until.True(IsTimeWaitedFor, "the time was waited for, on one");

        Fill();
        Until.True(IsTimeWaitedFor, "the time was waited for");
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

        // A signal ends a wait early.
        bool IsTimeWaitedFor()
        {
            var time = Stopwatch.StartNew();
            poller.Wait(50);
            return time.ElapsedMilliseconds >= 49;
        }

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

    private IPeerSocket Open(Kind kind, bool isConnected, int port) => isConnected
        ? Open(kind, _peer.EndPoint, port)
        : FactoryOf(kind).OpenShared(AddressFamily.InterNetwork, port, new SendOptions());

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
