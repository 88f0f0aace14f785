using System.Net;
using System.Net.Sockets;

namespace UdpPS.Sockets;

/// <summary>Finds out whether an address is a broadcast: the last part of it says nothing, since networks are of any size.</summary>
internal static class BroadcastProbe
{
    /// <summary>
    /// Whether others than the one addressed may reply: each receiver of a broadcast or of a group does so from its own address,
    /// so such a socket cannot be connected.
    /// </summary>
    internal static bool HasManyReceivers(IPEndPoint remote, SendOptions options) =>
        remote.Address.IsMulticast() || (options.Broadcast && IsBroadcast(remote, options.LocalAddress));

    /// <summary>
    /// Whether the system takes an address for a broadcast: then it connects no socket to it that may not broadcast (EACCES).
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
}
