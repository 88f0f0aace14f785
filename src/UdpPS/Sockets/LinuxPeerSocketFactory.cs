using System.Net;
using System.Net.Sockets;

namespace UdpPS.Sockets;

/// <inheritdoc/>
internal sealed class LinuxPeerSocketFactory : IPeerSocketFactory
{
    // The system notes when datagrams come while any socket asks for that. To begin anew for each message would cost too much.
    internal LinuxPeerSocketFactory() => LinuxPeerSocket.StartClock();

    public IPeerSocket OpenFor(IPEndPoint remote, int localPort, SendOptions options) => new LinuxPeerSocket(
        remote.AddressFamily,
        BroadcastProbe.HasManyReceivers(remote, options) ? null : remote,
        localPort,
        options,
        MulticastInterface.IndexFor(remote, options));

    public IPeerSocket OpenShared(AddressFamily family, int localPort, SendOptions options) =>
        new LinuxPeerSocket(family, null, localPort, options, MulticastInterface.IndexFor(family, options));

    public IPoller CreatePoller() => new LinuxPoller();
}
