using System.Net;
using System.Net.Sockets;

namespace UdpPS.Sockets;

/// <summary>Opens the sockets that messages leave from, and what waits on them. Thread-safe.</summary>
internal interface IPeerSocketFactory
{
    /// <summary>Opens a socket for one peer, and binds it for exclusive use.</summary>
    /// <param name="remote">The peer. The socket is connected to it, unless others reply: for a broadcast or a group.</param>
    /// <param name="localPort">The port to bind.</param>
    /// <param name="options">How it is set up.</param>
    /// <exception cref="SocketException">The address or port cannot be had, or there is no way to the peer.</exception>
    IPeerSocket OpenFor(IPEndPoint remote, int localPort, SendOptions options);

    /// <summary>Opens a socket for any peers of one family, and binds it for exclusive use.</summary>
    /// <inheritdoc cref="OpenFor"/>
    IPeerSocket OpenShared(AddressFamily family, int localPort, SendOptions options);

    IPoller CreatePoller();
}
