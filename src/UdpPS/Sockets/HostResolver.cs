using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;

namespace UdpPS.Sockets;

/// <summary>Chooses among the addresses of a name, and waits for one where that is wanted.</summary>
internal static class HostResolver
{
    /// <summary>Finds the address to use, however long that takes, which is some seconds at most.</summary>
    /// <param name="server">Without fault.</param>
    /// <param name="family">The family asked for; <see cref="AddressFamily.Unspecified"/> takes IPv4 first.</param>
    /// <param name="cancellation">Ends the wait for a slow name server.</param>
    /// <exception cref="SocketException">
    /// No such host, or (<see cref="SocketError.AddressFamilyNotSupported"/>) none of its addresses is of that family.
    /// </exception>
    /// <exception cref="System.OperationCanceledException">The wait was cancelled.</exception>
    internal static IPAddress Resolve(ServerName server, AddressFamily family, CancellationToken cancellation)
    {
        if (server.Address is not null)
        {
            return Choose(new[] { server.Address }, family)[0];
        }

        NameLookUp lookUp = NameTable.Shared.Find(server.Name!);
        lookUp.Completion.Wait(cancellation);
        return Choose(lookUp.Addresses, family)[0];
    }

    /// <summary>The addresses to try, one of each family, IPv4 first.</summary>
    /// <inheritdoc cref="Resolve"/>
    internal static IReadOnlyList<IPAddress> Choose(IReadOnlyList<IPAddress> addresses, AddressFamily family)
    {
        IPAddress[] chosen = new[] { AddressFamily.InterNetwork, AddressFamily.InterNetworkV6 }
            .Where(one => family == AddressFamily.Unspecified || family == one)
            .Select(one => addresses.FirstOrDefault(address => address.AddressFamily == one))
            .Where(address => address is not null)
            .ToArray()!;
        return chosen.Length > 0 ? chosen : throw new SocketException((int)SocketError.AddressFamilyNotSupported);
    }
}
