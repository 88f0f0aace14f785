using System;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace UdpPS.Sockets;

/// <summary>
/// Reads and writes the kernel's socket addresses (sockaddr_in, sockaddr_in6), and remembers the objects made of them: a peer
/// that sends much costs no allocations.
/// </summary>
internal sealed unsafe class LinuxAddresses
{
    /// <summary>sizeof(sockaddr_in6), the longer of the two.</summary>
    internal const int MaximumLength = 28;

    private const int PortOffset = 2;
    private const int IPv4AddressOffset = 4;
    private const int IPv6AddressOffset = 8;
    private const int IPv6ScopeOffset = 24;
    private const int IPv4Length = 16;
    private const int IPv4AddressLength = 4;
    private const int IPv6AddressLength = 16;

    private const int CacheBits = 10;

    private readonly CachedPeer[] _peers = new CachedPeer[1 << CacheBits];
    private readonly CachedAddress[] _addresses = new CachedAddress[1 << 4];

    /// <summary>The peer that a received socket address names, IPv4 addresses unmapped.</summary>
    internal IPEndPoint ReadPeer(byte* name)
    {
        int port = (name[PortOffset] << 8) | name[PortOffset + 1];
        bool isIPv6 = *(ushort*)name == LinuxMessages.AddressFamilyIPv6;
        byte* address = name + (isIPv6 ? IPv6AddressOffset : IPv4AddressOffset);
        int length = isIPv6 ? IPv6AddressLength : IPv4AddressLength;
        uint scope = isIPv6 ? *(uint*)(name + IPv6ScopeOffset) : 0;
        (ulong high, ulong low) = Halves(address, length);

        ref CachedPeer cached = ref _peers[Slot(high, low ^ (uint)port, CacheBits)];
        if (cached.EndPoint is null || cached.High != high || cached.Low != low || cached.Port != port || cached.Scope != scope)
        {
            cached = new CachedPeer
            {
                High = high,
                Low = low,
                Port = port,
                Scope = scope,
                EndPoint = new LinuxEndPoint(ToAddress(address, length, scope), port, Copy(name, isIPv6 ? MaximumLength : IPv4Length)),
            };
        }

        return cached.EndPoint;
    }

    /// <summary>A socket address as the kernel gives it, IPv4 addresses unmapped.</summary>
    internal static IPEndPoint ReadEndPoint(byte* name)
    {
        bool isIPv6 = *(ushort*)name == LinuxMessages.AddressFamilyIPv6;
        byte* address = name + (isIPv6 ? IPv6AddressOffset : IPv4AddressOffset);
        uint scope = isIPv6 ? *(uint*)(name + IPv6ScopeOffset) : 0;
        return new IPEndPoint(
            ToAddress(address, isIPv6 ? IPv6AddressLength : IPv4AddressLength, scope), (name[PortOffset] << 8) | name[PortOffset + 1]);
    }

    /// <summary>An address of this machine as packet information gives it, IPv4 addresses unmapped.</summary>
    internal IPAddress ReadLocal(byte* address, int length)
    {
        (ulong high, ulong low) = Halves(address, length);
        ref CachedAddress cached = ref _addresses[Slot(high, low, 4)];
        if (cached.Address is null || cached.High != high || cached.Low != low)
        {
            cached = new CachedAddress { High = high, Low = low, Address = ToAddress(address, length, 0) };
        }

        return cached.Address;
    }

    /// <summary>Writes where a datagram goes, as a socket of a family wants it.</summary>
    /// <returns>The length of what was written.</returns>
    internal static int WritePeer(byte* name, IPEndPoint peer, AddressFamily family)
    {
        bool isIPv6 = family == AddressFamily.InterNetworkV6;
        int length = isIPv6 ? MaximumLength : IPv4Length;
        if (peer is LinuxEndPoint known && known.Name.Length == length)
        {
            Marshal.Copy(known.Name, 0, (IntPtr)name, length);
            return length;
        }

        *(ushort*)name = (ushort)(isIPv6 ? LinuxMessages.AddressFamilyIPv6 : LinuxMessages.AddressFamilyIPv4);
        name[PortOffset] = (byte)(peer.Port >> 8);
        name[PortOffset + 1] = (byte)peer.Port;
        WriteAddress(name + (isIPv6 ? IPv6AddressOffset : IPv4AddressOffset), peer.Address, family);
        if (!isIPv6)
        {
            *(ulong*)(name + IPv4AddressOffset + IPv4AddressLength) = 0;
            return length;
        }

        *(uint*)(name + IPv4AddressOffset) = 0; // no flow label
        *(uint*)(name + IPv6ScopeOffset) = peer.AddressFamily == AddressFamily.InterNetworkV6 ? (uint)peer.Address.ScopeId : 0;
        return length;
    }

    /// <summary>Writes an address, mapped where an IPv4 address goes through an IPv6 socket.</summary>
    internal static void WriteAddress(byte* to, IPAddress address, AddressFamily family)
    {
        byte[] bytes = family == address.AddressFamily ? address.GetAddressBytes() : address.MapToIPv6().GetAddressBytes();
        for (int i = 0; i < bytes.Length; i++)
        {
            to[i] = bytes[i];
        }
    }

    private static (ulong High, ulong Low) Halves(byte* address, int length) =>
        length == IPv4AddressLength ? (0, *(uint*)address) : (*(ulong*)address, *(ulong*)(address + sizeof(ulong)));

    private static uint Slot(ulong high, ulong low, int bits) =>
        unchecked((uint)(((high ^ low ^ (low >> 32)) * 0x9E3779B97F4A7C15) >> (64 - bits)));

    private static IPAddress ToAddress(byte* address, int length, uint scope)
    {
        byte[] bytes = Copy(address, length);
        return length == IPv4AddressLength ? new IPAddress(bytes) : new IPAddress(bytes, scope).Unmapped();
    }

    private static byte[] Copy(byte* from, int length)
    {
        var bytes = new byte[length];
        Marshal.Copy((IntPtr)from, bytes, 0, length);
        return bytes;
    }

    private struct CachedPeer
    {
        internal ulong High;
        internal ulong Low;
        internal int Port;
        internal uint Scope;
        internal LinuxEndPoint EndPoint;
    }

    private struct CachedAddress
    {
        internal ulong High;
        internal ulong Low;
        internal IPAddress Address;
    }
}
