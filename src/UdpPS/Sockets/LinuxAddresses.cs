using System.Net;
using System.Net.Sockets;

namespace UdpPS.Sockets;

/// <summary>
/// Reads and writes the kernel's socket addresses (sockaddr_in, sockaddr_in6), and remembers the objects made of them: a peer
/// that sends much costs no allocations, and one that sends from many ports no address for each. Not thread-safe.
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

    private const int CacheBits = 10;

    private readonly LinuxEndPoint?[] _peers = new LinuxEndPoint?[1 << CacheBits];
    private readonly CachedAddress[] _addresses = new CachedAddress[1 << CacheBits];

    /// <summary>The peer that a received socket address names, IPv4 addresses unmapped.</summary>
    internal IPEndPoint ReadPeer(byte* name)
    {
        AddressBits bits = ReadBits(name, out uint scope);
        int port = ReadPort(name);
        ref LinuxEndPoint? cached = ref _peers[Slot(bits, (uint)port)];
        if (cached is null || cached.Port != port || cached.Bits != bits || cached.Scope != scope)
        {
            cached = new LinuxEndPoint(Find(bits, scope), port, bits, scope);
        }

        return cached;
    }

    /// <summary>A socket address as the kernel gives it, IPv4 addresses unmapped.</summary>
    internal static IPEndPoint ReadEndPoint(byte* name)
    {
        AddressBits bits = ReadBits(name, out uint scope);
        return new IPEndPoint(ToAddress(bits, scope), ReadPort(name));
    }

    /// <summary>An IPv4 address of this machine as packet information gives it.</summary>
    internal IPAddress ReadIPv4(byte* address) => Find(AddressBits.OfIPv4(*(uint*)address), 0);

    /// <summary>An IPv6 address of this machine as packet information gives it, unmapped.</summary>
    internal IPAddress ReadIPv6(byte* address) => Find(ReadBits(address), 0);

    /// <summary>Writes where a datagram goes, as a socket of a family wants it.</summary>
    /// <returns>The length of what was written.</returns>
    internal static int WritePeer(byte* name, IPEndPoint peer, AddressFamily family)
    {
        bool isIPv6 = family == AddressFamily.InterNetworkV6;
        *(ushort*)name = (ushort)(isIPv6 ? LinuxMessages.AddressFamilyIPv6 : LinuxMessages.AddressFamilyIPv4);
        name[PortOffset] = (byte)(peer.Port >> 8);
        name[PortOffset + 1] = (byte)peer.Port;
        AddressBits bits = AddressBits.Of(peer);
        if (!isIPv6)
        {
            WriteAddress(name + IPv4AddressOffset, bits, family);
            *(ulong*)(name + IPv4AddressOffset + IPv4AddressLength) = 0;
            return IPv4Length;
        }

        *(uint*)(name + IPv4AddressOffset) = 0; // no flow label
        WriteAddress(name + IPv6AddressOffset, bits, family);
        *(uint*)(name + IPv6ScopeOffset) = peer is LinuxEndPoint known ? known.Scope
            : peer.AddressFamily == AddressFamily.InterNetworkV6 ? (uint)peer.Address.ScopeId
            : 0;
        return MaximumLength;
    }

    /// <summary>Writes an address, mapped where an IPv4 address goes through an IPv6 socket.</summary>
    internal static void WriteAddress(byte* to, AddressBits bits, AddressFamily family)
    {
        if (family != AddressFamily.InterNetworkV6)
        {
            *(uint*)to = bits.IPv4;
            return;
        }

        *(ulong*)to = bits.High;
        *(ulong*)(to + sizeof(ulong)) = bits.Low;
    }

    private static int ReadPort(byte* name) => (name[PortOffset] << 8) | name[PortOffset + 1];

    private static AddressBits ReadBits(byte* name, out uint scope)
    {
        bool isIPv6 = *(ushort*)name == LinuxMessages.AddressFamilyIPv6;
        scope = isIPv6 ? *(uint*)(name + IPv6ScopeOffset) : 0;
        return isIPv6 ? ReadBits(name + IPv6AddressOffset) : AddressBits.OfIPv4(*(uint*)(name + IPv4AddressOffset));
    }

    private static AddressBits ReadBits(byte* address) => new(*(ulong*)address, *(ulong*)(address + sizeof(ulong)));

    private IPAddress Find(AddressBits bits, uint scope)
    {
        ref CachedAddress cached = ref _addresses[Slot(bits, 0)];
        if (cached.Address is null || cached.Bits != bits || cached.Scope != scope)
        {
            cached = new CachedAddress { Bits = bits, Scope = scope, Address = ToAddress(bits, scope) };
        }

        return cached.Address;
    }

    private static uint Slot(AddressBits bits, uint port) =>
        unchecked((uint)(((bits.High ^ bits.Low ^ (bits.Low >> 32) ^ port) * 0x9E3779B97F4A7C15) >> (64 - CacheBits)));

    private static IPAddress ToAddress(AddressBits bits, uint scope)
    {
        if (bits.IsIPv4)
        {
            return new IPAddress(bits.IPv4);
        }

        var bytes = new byte[16];
        fixed (byte* to = bytes)
        {
            WriteAddress(to, bits, AddressFamily.InterNetworkV6);
        }

        return new IPAddress(bytes, scope);
    }

    private struct CachedAddress
    {
        internal AddressBits Bits;
        internal uint Scope;
        internal IPAddress Address;
    }
}
