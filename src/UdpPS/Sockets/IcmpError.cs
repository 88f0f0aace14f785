using System.Net;
using System.Net.Sockets;

namespace UdpPS.Sockets;

/// <summary>What the network reports of a datagram that was sent. It is a hint only (RFC 8085 section 5.2).</summary>
/// <param name="Kind">What it says.</param>
/// <param name="Error">The same as the system's error.</param>
/// <param name="Reporter">Who says so; null where the system does not tell, and where it says so itself.</param>
/// <param name="Destination">Where the datagram was sent; null where the system does not tell.</param>
/// <param name="PathMtu">How many bytes the path takes in one piece, headers included; 0 where nobody said that.</param>
internal sealed record IcmpError(
    IcmpErrorKind Kind, SocketError Error, IPAddress? Reporter = null, IPEndPoint? Destination = null, int PathMtu = 0)
{
    // ICMP destination unreachable, time exceeded; ICMPv6 destination unreachable, packet too big, time exceeded.
    private const int IPv4Unreachable = 3;
    private const int IPv4TimeExceeded = 11;
    private const int IPv6Unreachable = 1;
    private const int IPv6TooBig = 2;
    private const int IPv6TimeExceeded = 3;

    /// <summary>What a socket's error says, where the system shows no more of an ICMP error than that.</summary>
    internal static IcmpError From(SocketError error) => new(
        error switch
        {
            // Linux and macOS say refused, Windows says reset.
            SocketError.ConnectionRefused or SocketError.ConnectionReset => IcmpErrorKind.PortUnreachable,
            SocketError.HostUnreachable or SocketError.HostDown => IcmpErrorKind.HostUnreachable,
            SocketError.NetworkUnreachable or SocketError.NetworkDown => IcmpErrorKind.NetworkUnreachable,

            // This is how Windows reports an expired time to live.
            SocketError.NetworkReset => IcmpErrorKind.TimeExceeded,
            SocketError.MessageSize => IcmpErrorKind.TooBig,
            _ => IcmpErrorKind.Other,
        },
        error);

    /// <summary>What the type and code of an ICMP error say.</summary>
    internal static IcmpErrorKind KindOf(int type, int code) => (type, code) switch
    {
        (IPv4Unreachable, 0 or 6 or 8 or 11) => IcmpErrorKind.NetworkUnreachable,
        (IPv4Unreachable, 3) => IcmpErrorKind.PortUnreachable,
        (IPv4Unreachable, 4) => IcmpErrorKind.TooBig,
        (IPv4Unreachable, 9 or 10 or 13) => IcmpErrorKind.Prohibited,
        (IPv4Unreachable, 1 or 7 or 12) => IcmpErrorKind.HostUnreachable,
        (IPv4TimeExceeded, 0) => IcmpErrorKind.TimeExceeded,
        _ => IcmpErrorKind.Other,
    };

    /// <summary>What the type and code of an ICMPv6 error say.</summary>
    internal static IcmpErrorKind KindOfIPv6(int type, int code) => (type, code) switch
    {
        (IPv6Unreachable, 0) => IcmpErrorKind.NetworkUnreachable,
        (IPv6Unreachable, 1 or 5 or 6) => IcmpErrorKind.Prohibited,
        (IPv6Unreachable, 2 or 3) => IcmpErrorKind.HostUnreachable,
        (IPv6Unreachable, 4) => IcmpErrorKind.PortUnreachable,
        (IPv6TooBig, _) => IcmpErrorKind.TooBig,
        (IPv6TimeExceeded, 0) => IcmpErrorKind.TimeExceeded,
        _ => IcmpErrorKind.Other,
    };
}
