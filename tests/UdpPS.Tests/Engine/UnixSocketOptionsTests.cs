using System;
using System.Net.Sockets;
using UdpPS.Sockets;
using Xunit;

namespace UdpPS.Tests.Engine;

/// <summary>Options that are set by a number do what the option of that number does.</summary>
public sealed class UnixSocketOptionsTests : IDisposable
{
    private const int SocketLevel = 1;
    private const int IPLevel = 0;
    private const int IPv6Level = 41;

    private readonly Socket _socket = new(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);
    private readonly Socket _other = new(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);

    public UnixSocketOptionsTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "The numbers are Linux's.");

    public void Dispose()
    {
        _socket.Dispose();
        _other.Dispose();
    }

    // Without privileges both do nothing.
    [Theory]
    [InlineData(33)] // SO_RCVBUFFORCE
    [InlineData(32)] // SO_SNDBUFFORCE
    public void A_buffer_goes_beyond_the_limit_of_the_system_where_that_is_allowed(int option)
    {
        const int Bytes = 64 * 1024 * 1024;
        bool isReceive = option == 33;
        Record.Exception(() => _other.SetRawSocketOption(SocketLevel, option, BitConverter.GetBytes(Bytes)));
        if (isReceive)
        {
            UnixSocketOptions.TryForceReceiveBuffer(_socket, Bytes);
        }
        else
        {
            UnixSocketOptions.TryForceSendBuffer(_socket, Bytes);
        }

        Assert.Equal(_other.ReceiveBufferSize, _socket.ReceiveBufferSize);
        Assert.Equal(_other.SendBufferSize, _socket.SendBufferSize);
    }

    [Fact]
    public void A_socket_without_the_option_not_to_fragment_is_told()
    {
        using var ipv4 = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        Assert.Equal(
            SocketError.ProtocolOption,
            Assert.Throws<SocketException>(() => UnixSocketOptions.ForbidIPv6Fragmentation(ipv4)).SocketErrorCode);
    }

    [Fact]
    public void Groups_that_others_have_joined_stay_away_in_both_families()
    {
        // IP_MULTICAST_ALL, which .NET switches off too, and IPV6_MULTICAST_ALL.
        _socket.SetRawSocketOption(IPLevel, 49, BitConverter.GetBytes(1));
        Assert.Equal(1, OptionOf(IPv6Level, 29));
        UnixSocketOptions.ReceiveOwnGroupsOnly(_socket);
        Assert.Equal(0, OptionOf(IPLevel, 49));
        Assert.Equal(0, OptionOf(IPv6Level, 29));
    }

    private int OptionOf(int level, int option)
    {
        byte[] value = new byte[sizeof(int)];
        _socket.GetRawSocketOption(level, option, value);
        return BitConverter.ToInt32(value);
    }
}
