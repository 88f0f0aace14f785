using System.Net;
using System.Net.Sockets;

namespace UdpPS.Sockets;

/// <inheritdoc/>
internal sealed class PeerSocketFactory : IPeerSocketFactory
{
    private readonly bool _isPortable;

    /// <param name="isPortable">Whether the sockets are .NET's own, and not those of Linux's calls.</param>
    internal PeerSocketFactory(bool isPortable)
    {
        _isPortable = isPortable;
        if (!isPortable)
        {
            // The system notes when datagrams come while any socket asks for that. To begin anew for each message would cost too
            // much.
            LinuxPeerSocket.StartClock();
        }
    }

    /// <summary>Opens the sockets that messages leave from on this system.</summary>
    internal static IPeerSocketFactory Default { get; } = new PeerSocketFactory(!LinuxCalls.IsSupported);

    public IPeerSocket OpenFor(IPEndPoint remote, int localPort, SendOptions options) => Open(
        remote.AddressFamily,
        BroadcastProbe.HasManyReceivers(remote, options) ? null : remote,
        localPort,
        options,
        MulticastInterface.IndexFor(remote, options));

    public IPeerSocket OpenShared(AddressFamily family, int localPort, SendOptions options) =>
        Open(family, null, localPort, options, MulticastInterface.IndexFor(family, options));

    public IPoller CreatePoller() => _isPortable ? new PortablePoller() : new LinuxPoller();

    private IPeerSocket Open(AddressFamily family, IPEndPoint? peer, int localPort, SendOptions options, int multicastInterface) =>
        _isPortable
            ? new PortablePeerSocket(family, peer, localPort, options, multicastInterface)
            : new LinuxPeerSocket(family, peer, localPort, options, multicastInterface);
}
