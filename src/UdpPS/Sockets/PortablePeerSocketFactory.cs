using System.Net;
using System.Net.Sockets;

namespace UdpPS.Sockets;

/// <inheritdoc/>
internal sealed class PortablePeerSocketFactory : IPeerSocketFactory
{
    public IPeerSocket OpenFor(IPEndPoint remote, int localPort, SendOptions options) => new PortablePeerSocket(
        remote.AddressFamily,
        BroadcastProbe.HasManyReceivers(remote, options) ? null : remote,
        localPort,
        options,
        MulticastInterface.IndexFor(remote, options));

    public IPeerSocket OpenShared(AddressFamily family, int localPort, SendOptions options) =>
        new PortablePeerSocket(family, null, localPort, options, MulticastInterface.IndexFor(family, options));

    public IPoller CreatePoller() => new PortablePoller();
}
