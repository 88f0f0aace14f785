using System.Net.Sockets;
using UdpPS.Sockets;
using Xunit;

namespace UdpPS.Tests.Engine;

/// <summary>Linux's error numbers (errno(3)) are the socket errors that .NET makes of them.</summary>
public sealed class LinuxErrorsTests
{
    [Theory]
    [InlineData(1, SocketError.AccessDenied)] // EPERM: a firewall of this machine
    [InlineData(11, SocketError.WouldBlock)] // EAGAIN
    [InlineData(12, SocketError.NoBufferSpaceAvailable)] // ENOMEM
    [InlineData(13, SocketError.AccessDenied)] // EACCES
    [InlineData(22, SocketError.InvalidArgument)] // EINVAL
    [InlineData(23, SocketError.TooManyOpenSockets)] // ENFILE
    [InlineData(24, SocketError.TooManyOpenSockets)] // EMFILE
    [InlineData(90, SocketError.MessageSize)] // EMSGSIZE
    [InlineData(92, SocketError.ProtocolOption)] // ENOPROTOOPT
    [InlineData(97, SocketError.AddressFamilyNotSupported)] // EAFNOSUPPORT
    [InlineData(98, SocketError.AddressAlreadyInUse)] // EADDRINUSE
    [InlineData(99, SocketError.AddressNotAvailable)] // EADDRNOTAVAIL
    [InlineData(100, SocketError.NetworkDown)] // ENETDOWN
    [InlineData(101, SocketError.NetworkUnreachable)] // ENETUNREACH
    [InlineData(103, SocketError.ConnectionAborted)] // ECONNABORTED
    [InlineData(105, SocketError.NoBufferSpaceAvailable)] // ENOBUFS
    [InlineData(111, SocketError.ConnectionRefused)] // ECONNREFUSED
    [InlineData(112, SocketError.HostDown)] // EHOSTDOWN
    [InlineData(113, SocketError.HostUnreachable)] // EHOSTUNREACH
    [InlineData(71, SocketError.SocketError)] // EPROTO: none of these
    public void Each_number_has_its_error(int number, SocketError error)
    {
        Assert.Equal(error, LinuxErrors.ToSocketError(number));
        Assert.Equal(error, LinuxErrors.ToException(number).SocketErrorCode);
    }

    // Another port may do then.
    [Theory]
    [InlineData(SocketError.AddressAlreadyInUse, true)]
    [InlineData(SocketError.AccessDenied, true)]
    [InlineData(SocketError.AddressNotAvailable, false)]
    [InlineData(SocketError.TooManyOpenSockets, false)]
    public void Two_errors_of_a_bind_concern_its_port(SocketError error, bool expected) =>
        Assert.Equal(expected, PortUnavailableException.IsReason(error));
}
