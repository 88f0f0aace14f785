using System;
using System.Net;
using System.Net.Sockets;
using UdpPS.Sockets;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Engine;

/// <summary>Options that are set by a number do what the option of that number does.</summary>
public sealed class UnixSocketOptionsTests
{
    private const int SocketLevel = 1;
    private const int IPLevel = 0;
    private const int IPv6Level = 41;

    // Without privileges both do nothing.
    [Theory]
    [InlineData(33)] // SO_RCVBUFFORCE
    [InlineData(32)] // SO_SNDBUFFORCE
    public void A_buffer_goes_beyond_the_limit_of_the_system_where_that_is_allowed(int option)
    {
        const int Bytes = 64 * 1024 * 1024;
        using Socket socket = NewSocket(AddressFamily.InterNetwork);
        using Socket other = NewSocket(AddressFamily.InterNetwork);
        Record.Exception(() => other.SetRawSocketOption(SocketLevel, option, BitConverter.GetBytes(Bytes)));
        if (option == 33)
        {
            UnixSocketOptions.TryForceReceiveBuffer(socket, Bytes);
        }
        else
        {
            UnixSocketOptions.TryForceSendBuffer(socket, Bytes);
        }

        Assert.Equal(other.ReceiveBufferSize, socket.ReceiveBufferSize);
        Assert.Equal(other.SendBufferSize, socket.SendBufferSize);
    }

    [Fact]
    public void A_socket_without_the_option_not_to_fragment_is_told()
    {
        using Socket socket = NewSocket(AddressFamily.InterNetwork);
        Assert.Equal(
            SocketError.ProtocolOption,
            Assert.Throws<SocketException>(() => UnixSocketOptions.ForbidIPv6Fragmentation(socket)).SocketErrorCode);
    }

    [Fact]
    public void Groups_that_others_have_joined_stay_away_in_both_families()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "This machine has no IPv6.");
        using Socket socket = NewSocket(AddressFamily.InterNetworkV6);

        // IP_MULTICAST_ALL, which .NET switches off too, and IPV6_MULTICAST_ALL.
        socket.SetRawSocketOption(IPLevel, 49, BitConverter.GetBytes(1));
        Assert.Equal(1, OptionOf(socket, IPv6Level, 29));
        UnixSocketOptions.ReceiveOwnGroupsOnly(socket);
        Assert.Equal(0, OptionOf(socket, IPLevel, 49));
        Assert.Equal(0, OptionOf(socket, IPv6Level, 29));
    }

    [Fact]
    public void What_the_kernel_drops_at_a_full_socket_is_counted()
    {
        const int Sent = 1000;
        using Socket socket = NewSocket(AddressFamily.InterNetwork);
        using var sender = new RawSocket();
        socket.ReceiveBufferSize = 0;
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Assert.Equal(0, UnixSocketOptions.GetDropCount(socket));
        for (int i = 0; i < Sent; i++)
        {
            sender.SendTo((IPEndPoint)socket.LocalEndPoint!, "a");
        }

        int received = 0;
        while (socket.Poll(0, SelectMode.SelectRead))
        {
            socket.Receive(new byte[1]);
            received++;
        }

        Assert.InRange(received, 1, Sent - 1);
        Assert.Equal(Sent - received, UnixSocketOptions.GetDropCount(socket));
    }

    private static Socket NewSocket(AddressFamily family)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The numbers are Linux's.");
        return new Socket(family, SocketType.Dgram, ProtocolType.Udp);
    }

    private static int OptionOf(Socket socket, int level, int option)
    {
        byte[] value = new byte[sizeof(int)];
        socket.GetRawSocketOption(level, option, value);
        return BitConverter.ToInt32(value);
    }
}
