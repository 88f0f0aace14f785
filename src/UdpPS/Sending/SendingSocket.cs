using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using UdpPS.Sockets;

namespace UdpPS.Sending;

/// <summary>Opens the sockets that messages are sent from.</summary>
internal static class SendingSocket
{
    /// <summary>
    /// Whether others than the one addressed may answer: a broadcast or a group is answered by each member from its own
    /// address, so such a socket cannot be connected.
    /// </summary>
    internal static bool IsAnsweredByMany(IPEndPoint remote, SendOptions options) =>
        remote.Address.IsMulticast() || (options.Broadcast && IsBroadcast(remote, options.LocalAddress));

    /// <summary>
    /// Whether the system takes an address for a broadcast: then it connects no socket to it that may not broadcast (EACCES).
    /// The last part of the address says nothing: networks are of any size.
    /// </summary>
    internal static bool IsBroadcast(IPEndPoint remote, IPAddress? localAddress) =>
        remote.AddressFamily == AddressFamily.InterNetwork
        && IsConnectDenied(remote, localAddress, mayBroadcast: false)
        && !IsConnectDenied(remote, localAddress, mayBroadcast: true);

    private static bool IsConnectDenied(IPEndPoint remote, IPAddress? localAddress, bool mayBroadcast)
    {
        try
        {
            // It sends nothing.
            using var probe = new Socket(remote.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { EnableBroadcast = mayBroadcast };
            if (localAddress is not null)
            {
                probe.Bind(new IPEndPoint(localAddress, 0));
            }

            probe.Connect(remote);
            return false;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode == SocketError.AccessDenied;
        }
    }

    /// <summary>
    /// Opens a socket connected to one peer: the system then refuses datagrams from all others, and reports a closed port.
    /// </summary>
    /// <exception cref="SocketException">The local address or port cannot be had, or the peer cannot be reached.</exception>
    internal static IPeerSocket Open(IPEndPoint remote, SendOptions options)
    {
        bool isConnected = !IsAnsweredByMany(remote, options);
        var socket = new Socket(remote.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            Configure(socket, remote, options);
            IPAddress any = remote.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any;
            if (!isConnected || options.LocalAddress is not null || options.LocalPort != 0)
            {
                socket.Bind(new IPEndPoint(options.LocalAddress ?? any, options.LocalPort));
            }

            if (isConnected)
            {
                socket.Connect(remote);
            }

            return PeerSocket.Over(socket, remote, isConnected);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void Configure(Socket socket, IPEndPoint remote, SendOptions options)
    {
        bool isIPv6 = remote.AddressFamily == AddressFamily.InterNetworkV6;
        SocketOptionLevel level = isIPv6 ? SocketOptionLevel.IPv6 : SocketOptionLevel.IP;
        if (options.Broadcast)
        {
            socket.EnableBroadcast = true;
        }

        if (options.MaxHops is { } hops)
        {
            socket.SetSocketOption(level, isIPv6 ? SocketOptionName.HopLimit : SocketOptionName.IpTimeToLive, hops);
            if (remote.Address.IsMulticast())
            {
                socket.SetSocketOption(level, SocketOptionName.MulticastTimeToLive, hops);
            }
        }

        if (options.DontFragment)
        {
            ForbidFragmentation(socket, isIPv6);
        }

        if (remote.Address.IsMulticast() && options.LocalAddress is { } local)
        {
            SendGroupMessagesFrom(socket, local);
        }
    }

    private static void ForbidFragmentation(Socket socket, bool isIPv6)
    {
        if (!isIPv6)
        {
            socket.DontFragment = true;
        }
        else if (RuntimeInformation.IsOSPlatform(OSPlatform.Windows))
        {
            socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.DontFragment, true);
        }
        else
        {
            UnixSocketOptions.ForbidIPv6Fragmentation(socket);
        }
    }

    // The routing table picks the interface of a multicast message, whatever address the socket is bound to.
    private static void SendGroupMessagesFrom(Socket socket, IPAddress local)
    {
        if (local.AddressFamily == AddressFamily.InterNetwork)
        {
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, local.GetAddressBytes());
        }
        else if (LocalInterface.Find(local.ToString())?.IPv6Index is { } index)
        {
            socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastInterface, index);
        }
    }
}
