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

    // The header of IPv4 without options (RFC 791) or of IPv6 (RFC 8200), and that of UDP (RFC 768).
    private const int HeadersIPv4 = 20 + 8;
    private const int HeadersIPv6 = 40 + 8;

    /// <summary>The payload that fits a packet of so many bytes.</summary>
    internal static int PayloadOf(int packet, IPAddress address) =>
        packet - (address.AddressFamily == AddressFamily.InterNetworkV6 ? HeadersIPv6 : HeadersIPv4);

    /// <summary>The longest payload one datagram to or from an address can carry.</summary>
    internal static int MaximumPayload(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 ? MaximumPayloadIPv6 : MaximumPayloadIPv4;
}
