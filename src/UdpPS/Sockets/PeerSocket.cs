using System.Net;
using System.Net.Sockets;

namespace UdpPS.Sockets;

/// <summary>Chooses how a sending socket is worked.</summary>
internal static class PeerSocket
{
    /// <param name="socket">Bound or connected. Owned from here on, unless this fails.</param>
    /// <param name="remote">Where it sends to.</param>
    /// <param name="isConnected">Whether it is connected to that; else anyone may answer.</param>
    internal static IPeerSocket Over(Socket socket, IPEndPoint remote, bool isConnected) =>
        isConnected && LinuxPeerCalls.AreThere
            ? new LinuxPeerSocket(socket, remote)
            : new PortablePeerSocket(socket, remote, isConnected);
}
