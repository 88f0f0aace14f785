using System.Net;
using System.Net.Sockets;

namespace UdpPS.Sockets;

/// <summary>
/// An address as two numbers, the first byte of each in its lowest bits. An IPv4 address has the form that IPv6 maps it to
/// (RFC 4291 section 2.5.5.2). Peers that Linux names cost no allocation.
/// </summary>
/// <param name="High">The first eight bytes.</param>
/// <param name="Low">The last eight bytes.</param>
internal readonly record struct AddressBits(ulong High, ulong Low)
{
    private const uint MappedPrefix = 0xFFFF0000;

    /// <summary>Whether it is an IPv4 address.</summary>
    internal bool IsIPv4 => High == 0 && (uint)Low == MappedPrefix;

    /// <summary>The four bytes of an IPv4 address, the first in the lowest bits.</summary>
    internal uint IPv4 => (uint)(Low >> 32);

    /// <summary>The first byte, of an IPv4 address its own.</summary>
    internal byte FirstByte => (byte)(IsIPv4 ? IPv4 : High);

    /// <param name="bytes">The four bytes of an IPv4 address, the first in the lowest bits.</param>
    internal static AddressBits OfIPv4(uint bytes) => new(0, MappedPrefix | ((ulong)bytes << 32));

    /// <summary>The bits of an endpoint's address.</summary>
    internal static AddressBits Of(IPEndPoint endPoint) => endPoint is LinuxEndPoint known ? known.Bits : Of(endPoint.Address);

    /// <summary>The bits of an address. Its scope is not among them.</summary>
    internal static AddressBits Of(IPAddress address)
    {
        byte[] bytes = address.GetAddressBytes();
        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? new AddressBits(Read(bytes, 0, sizeof(ulong)), Read(bytes, sizeof(ulong), sizeof(ulong)))
            : OfIPv4((uint)Read(bytes, 0, sizeof(uint)));
    }

    private static ulong Read(byte[] bytes, int offset, int count)
    {
        ulong value = 0;
        for (int i = 0; i < count; i++)
        {
            value |= (ulong)bytes[offset + i] << (8 * i);
        }

        return value;
    }
}
