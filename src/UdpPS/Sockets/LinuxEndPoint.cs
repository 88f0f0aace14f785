using System.Net;

namespace UdpPS.Sockets;

/// <summary>A peer as the kernel named it, to be named so again when it is answered.</summary>
internal sealed class LinuxEndPoint : IPEndPoint
{
    /// <param name="address">Unmapped.</param>
    /// <param name="port">The port.</param>
    /// <param name="name">The kernel's socket address of it, in the family of the socket that received from it.</param>
    internal LinuxEndPoint(IPAddress address, int port, byte[] name)
        : base(address, port) => Name = name;

    internal byte[] Name { get; }
}
