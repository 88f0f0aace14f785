using System;
using System.Net;
using System.Net.Sockets;

namespace UdpPS.Sockets;

/// <summary>Opens the sockets of listeners and senders, of one of two kinds. Thread-safe.</summary>
internal sealed class SocketFactory : IPeerSocketFactory
{
    // The system notes when datagrams come while any socket asks for that. To begin anew for each message would cost too much.
    private static readonly Lazy<int> Clock = new(LinuxPeerSocket.StartClock);

    private readonly bool _isPortable;

    /// <param name="isPortable">Whether the sockets are .NET's own, and not those of Linux's calls.</param>
    internal SocketFactory(bool isPortable) => _isPortable = isPortable;

    /// <summary>Opens the sockets of this system.</summary>
    internal static SocketFactory Default { get; } = new SocketFactory(!LinuxCalls.IsSupported);

    public IPeerSocket OpenFor(IPEndPoint remote, int localPort, SendOptions options) => Open(
        remote.AddressFamily,
        BroadcastProbe.HasManyReceivers(remote, options) ? null : remote,
        localPort,
        options,
        MulticastInterface.IndexFor(remote, options));

    public IPeerSocket OpenShared(AddressFamily family, int localPort, SendOptions options) =>
        Open(family, null, localPort, options, MulticastInterface.IndexFor(family, options));

    public IPoller CreatePoller() => _isPortable ? new PortablePoller() : new LinuxPoller();

    /// <summary>Has the system note when replies come, where sockets can tell that. It begins soon after.</summary>
    internal void StartClock()
    {
        if (!_isPortable)
        {
            _ = Clock.Value;
        }
    }

    /// <summary>Opens a socket for a listener, and binds it.</summary>
    /// <exception cref="SocketException">The address or port cannot be had, or a group cannot be joined.</exception>
    internal IListenerSocket OpenListener(BindOptions options)
    {
        Socket socket = BoundSocket.Open(options, out bool tellsLocalAddress);
        try
        {
            return _isPortable ? new PortableListenerSocket(socket, tellsLocalAddress) : new LinuxListenerSocket(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private IPeerSocket Open(AddressFamily family, IPEndPoint? peer, int localPort, SendOptions options, int multicastInterface)
    {
        if (_isPortable)
        {
            return new PortablePeerSocket(family, peer, localPort, options, multicastInterface);
        }

        StartClock();
        return new LinuxPeerSocket(family, peer, localPort, options, multicastInterface);
    }
}
