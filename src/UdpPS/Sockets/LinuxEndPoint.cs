using System.Net;

namespace UdpPS.Sockets;

/// <summary>A peer as the kernel named it, to be named so again in a reply.</summary>
internal sealed class LinuxEndPoint : IPEndPoint
{
    /// <param name="address">Unmapped.</param>
    /// <param name="port">The port.</param>
    /// <param name="bits">The address.</param>
    /// <param name="scope">The scope of an IPv6 address.</param>
    internal LinuxEndPoint(IPAddress address, int port, AddressBits bits, uint scope)
        : base(address, port)
    {
        Bits = bits;
        Scope = scope;
    }

    internal AddressBits Bits { get; }

    internal uint Scope { get; }
}
