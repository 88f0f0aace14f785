using System.Linq;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace UdpPS.Sockets;

/// <summary>What the engines ask of addresses.</summary>
internal static class AddressExtensions
{
    /// <summary>An IPv4 address that a dual-stack socket shows as <c>::ffff:a.b.c.d</c>, as the IPv4 address it is.</summary>
    internal static IPAddress Unmapped(this IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    internal static IPEndPoint Unmapped(this IPEndPoint endPoint) =>
        endPoint.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(endPoint.Address.MapToIPv4(), endPoint.Port) : endPoint;

    /// <summary>The address that stands for all of a family.</summary>
    internal static IPAddress Wildcard(this AddressFamily family) =>
        family == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any;

    internal static bool IsWildcard(this IPAddress address) =>
        address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    /// <summary>
    /// No address yet: 0.0.0.0/8, "this host on this network" (RFC 1122 section 3.2.1.3), or <c>::</c> (RFC 4291 section 2.5.2);
    /// also as an IPv4-mapped address.
    /// </summary>
    internal static bool IsUnspecified(this AddressBits address) => address.IsIPv4 ? address.FirstByte == 0 : address == default;

    /// <summary>Multicast: 224.0.0.0/4 (RFC 5771) or ff00::/8 (RFC 4291 section 2.7).</summary>
    internal static bool IsMulticast(this IPAddress address) => IsMulticast(AddressBits.Of(address));

    /// <inheritdoc cref="IsMulticast(IPAddress)"/>
    internal static bool IsMulticast(this AddressBits address) =>
        address.IsIPv4 ? (address.FirstByte & 0xF0) == 0xE0 : address.FirstByte == 0xFF;

    /// <summary>Valid on one link only, so that it takes an interface: fe80::/10, ff01::/16 and ff02::/16 (RFC 4007).</summary>
    internal static bool IsLinkLocal(this IPAddress address) =>
        address.IsIPv6LinkLocal || (address.IsIPv6Multicast && (address.GetAddressBytes()[1] & 0x0F) is 1 or 2);

    /// <summary>
    /// All ones in the host part of an IPv4 address; null in a network of one or two addresses, which has no broadcast address
    /// (RFC 3021).
    /// </summary>
    internal static IPAddress? BroadcastAddress(this UnicastIPAddressInformation own)
    {
        byte[] address = own.Address.GetAddressBytes();
        byte[] mask = own.IPv4Mask.GetAddressBytes();
        return mask[mask.Length - 1] >= 0xFE
            ? null
            : new IPAddress(address.Select((part, i) => (byte)(part | ~mask[i])).ToArray());
    }
}
