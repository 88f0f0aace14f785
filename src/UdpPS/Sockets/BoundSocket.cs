using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace UdpPS.Sockets;

/// <summary>Opens the socket that a listener reads, with .NET's own options, and binds it.</summary>
internal static class BoundSocket
{
    // The default holds some hundred datagrams, a burst holds thousands. An ack to an address that nobody has waits for a neighbor that
    // does not come forward, and other acks must not find the buffer full of these. Linux grants less than it is asked for, others
    // refuse.
    private const int BufferBytes = 8 * 1024 * 1024;
    private const int LeastBufferBytes = 256 * 1024;

    /// <param name="options">Where, and what else it hears.</param>
    /// <param name="tellsLocalAddress">Whether it tells of each datagram the address that it came to.</param>
    /// <exception cref="SocketException">The address or port cannot be had, or a group cannot be joined.</exception>
    internal static Socket Open(BindOptions options, out bool tellsLocalAddress)
    {
        IPAddress address = options.LocalAddress ?? EveryAddressOf(options);
        bool isDualStack = options.LocalAddress is null && address.AddressFamily == AddressFamily.InterNetworkV6;
        var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (address.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = isDualStack;
            }

            WindowsSocketOptions.IgnorePortUnreachable(socket);
            SetSharing(socket, options.ReuseAddress);
            Grow(socket, SocketOptionName.ReceiveBuffer);
            UnixSocketOptions.TryForceReceiveBuffer(socket, BufferBytes);
            Grow(socket, SocketOptionName.SendBuffer);
            UnixSocketOptions.TryForceSendBuffer(socket, BufferBytes);
            UnixSocketOptions.ReceiveOwnGroupsOnly(socket);
            UnixSocketOptions.AllowFragmentation(socket);
            tellsLocalAddress = address.IsWildcard() && !(isDualStack && IsWithoutDualStackInformation);
            if (tellsLocalAddress)
            {
                RequestPacketInformation(socket, isDualStack);
            }

            Bind(socket, new IPEndPoint(address, options.Port), options.ReuseAddress);
            foreach (IPAddress group in options.MulticastGroups)
            {
                Join(socket, group, options.Interface);
            }

            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // There .NET does not take packet information from a dual-stack socket: it throws, however the socket was set up.
    private static bool IsWithoutDualStackInformation => RuntimeInformation.IsOSPlatform(OSPlatform.OSX);

    private static void Grow(Socket socket, SocketOptionName buffer)
    {
        for (int bytes = BufferBytes; bytes >= LeastBufferBytes; bytes /= 2)
        {
            try
            {
                socket.SetSocketOption(SocketOptionLevel.Socket, buffer, bytes);
                return;
            }
            catch (SocketException)
            {
                // More than this system lets anyone have.
            }
        }
    }

    // One dual-stack socket serves both families, unless all that is wanted are IPv4 groups, or there is no IPv6 here.
    private static IPAddress EveryAddressOf(BindOptions options)
    {
        bool onlyIPv4Groups = options.MulticastGroups.Count > 0
            && options.MulticastGroups.All(group => group.AddressFamily == AddressFamily.InterNetwork);
        return Socket.OSSupportsIPv6 && !onlyIPv4Groups ? IPAddress.IPv6Any : IPAddress.Any;
    }

    private static void SetSharing(Socket socket, bool reuseAddress)
    {
        if (reuseAddress)
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        }
        else if (RuntimeInformation.IsOSPlatform(OSPlatform.Windows))
        {
            // On Windows another process could otherwise take over the port with SO_REUSEADDR.
            socket.ExclusiveAddressUse = true;
        }
    }

    // To one that wants to share it, Windows denies a port that somebody has for himself in the same words as one that nobody may
    // have. To one that does not, it tells which.
    private static void Bind(Socket socket, EndPoint local, bool reuseAddress)
    {
        try
        {
            socket.Bind(local);
        }
        catch (SocketException exception) when (reuseAddress && exception.SocketErrorCode == SocketError.AccessDenied)
        {
            using var probe = new Socket(socket.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            if (socket.AddressFamily == AddressFamily.InterNetworkV6)
            {
                probe.DualMode = socket.DualMode;
            }

            probe.Bind(local);
            throw;
        }
    }

    // Asked for before the bind, so that the first datagram has it too.
    private static void RequestPacketInformation(Socket socket, bool isDualStack)
    {
        if (socket.AddressFamily == AddressFamily.InterNetworkV6)
        {
            socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.PacketInformation, true);
        }

        if (isDualStack || socket.AddressFamily == AddressFamily.InterNetwork)
        {
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.PacketInformation, true);
        }
    }

    private static void Join(Socket socket, IPAddress group, LocalInterface? on)
    {
        int index = on?.IndexFor(group.AddressFamily) ?? 0;
        if (group.AddressFamily == AddressFamily.InterNetworkV6)
        {
            socket.SetSocketOption(
                SocketOptionLevel.IPv6, SocketOptionName.AddMembership, new IPv6MulticastOption(group, index));
        }
        else
        {
            var membership = new MulticastOption(group);
            if (index != 0)
            {
                membership.InterfaceIndex = index;
            }

            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.AddMembership, membership);
        }
    }
}
