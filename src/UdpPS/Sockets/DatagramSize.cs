using System.Net;
using System.Net.Sockets;

namespace UdpPS.Sockets;

/// <summary>How long a datagram can be, in bytes.</summary>
internal static class DatagramSize
{
    /// <summary>None is longer than the 16-bit length field of its UDP header says, so in such a buffer none is cut off.</summary>
    internal const int Maximum = 65535;

    // What a 16-bit length leaves after the headers: IPv4 counts its own header in (RFC 791), IPv6 does not (RFC 8200).
    private const int MaximumPayloadIPv4 = 65507;
    private const int MaximumPayloadIPv6 = 65527;

    /// <summary>The longest payload one datagram to or from an address can carry.</summary>
    internal static int MaximumPayload(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 ? MaximumPayloadIPv6 : MaximumPayloadIPv4;
}
