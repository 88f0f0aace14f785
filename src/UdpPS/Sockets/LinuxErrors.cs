using System.Net.Sockets;

namespace UdpPS.Sockets;

/// <summary>Linux's error numbers, as the socket errors that .NET makes of them.</summary>
internal static class LinuxErrors
{
    internal static SocketException ToException(int error) => new((int)ToSocketError(error));

    // <asm-generic/errno-base.h> and <asm-generic/errno.h>
    internal static SocketError ToSocketError(int error) => error switch
    {
        1 or 13 => SocketError.AccessDenied, // EPERM, EACCES
        11 => SocketError.WouldBlock, // EAGAIN
        22 => SocketError.InvalidArgument, // EINVAL
        23 or 24 => SocketError.TooManyOpenSockets, // ENFILE, EMFILE
        90 => SocketError.MessageSize, // EMSGSIZE
        92 => SocketError.ProtocolOption, // ENOPROTOOPT
        97 => SocketError.AddressFamilyNotSupported, // EAFNOSUPPORT
        98 => SocketError.AddressAlreadyInUse, // EADDRINUSE
        99 => SocketError.AddressNotAvailable, // EADDRNOTAVAIL
        100 => SocketError.NetworkDown, // ENETDOWN
        101 => SocketError.NetworkUnreachable, // ENETUNREACH
        103 => SocketError.ConnectionAborted, // ECONNABORTED
        12 or 105 => SocketError.NoBufferSpaceAvailable, // ENOMEM, ENOBUFS
        111 => SocketError.ConnectionRefused, // ECONNREFUSED
        112 => SocketError.HostDown, // EHOSTDOWN
        113 => SocketError.HostUnreachable, // EHOSTUNREACH
        _ => SocketError.SocketError,
    };
}
