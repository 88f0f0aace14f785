using System.Net;
using System.Net.Sockets;

namespace UdpPS.Sockets;

/// <summary>Finds the interface that IPv6 groups are reached by: the one that has the local address.</summary>
internal static class MulticastInterface
{
    /// <returns>Its index; 0 where the system chooses.</returns>
    internal static int IndexFor(IPEndPoint remote, SendOptions options) =>
        remote.Address.IsMulticast() ? IndexFor(remote.AddressFamily, options) : 0;

    /// <inheritdoc cref="IndexFor(IPEndPoint, SendOptions)"/>
    internal static int IndexFor(AddressFamily family, SendOptions options) =>
        family == AddressFamily.InterNetworkV6 && options.LocalAddress is { } local && !local.IsWildcard()
            ? LocalInterface.Find(local.ToString())?.IPv6Index ?? 0
            : 0;
}
