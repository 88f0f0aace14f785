using System.Net;

namespace UdpPS.Sockets;

/// <summary>One datagram on its way in or out.</summary>
/// <param name="Payload">The exact payload; never truncated, empty for an empty datagram.</param>
/// <param name="Remote">The peer, IPv4 addresses unmapped.</param>
/// <param name="Local">The address of this machine the datagram came to; null where the socket is bound to just one.</param>
internal readonly record struct Datagram(byte[] Payload, IPEndPoint Remote, IPAddress? Local);
