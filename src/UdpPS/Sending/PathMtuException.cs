using System.Net.Sockets;

namespace UdpPS.Sending;

/// <summary>A datagram that must not be fragmented is longer than its path takes in one piece.</summary>
internal sealed class PathMtuException : SocketException
{
    /// <param name="pathMtu">How many bytes the path takes, headers included.</param>
    internal PathMtuException(int pathMtu)
        : base((int)SocketError.MessageSize) => PathMtu = pathMtu;

    /// <summary>How many bytes the path takes, headers included.</summary>
    internal int PathMtu { get; }
}
