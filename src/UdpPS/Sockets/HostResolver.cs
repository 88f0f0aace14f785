using System;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using System.Threading;
using System.Threading.Tasks;

namespace UdpPS.Sockets;

/// <summary>Finds the address to use for a name or an address.</summary>
internal static class HostResolver
{
    /// <param name="host">A name or an address.</param>
    /// <param name="family">The family asked for; <see cref="AddressFamily.Unspecified"/> takes IPv4 first.</param>
    /// <param name="cancellation">Ends the wait for a slow name server.</param>
    /// <exception cref="SocketException">
    /// No such host, or (<see cref="SocketError.AddressFamilyNotSupported"/>) none of its addresses is of that family.
    /// </exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    internal static IPAddress Resolve(string host, AddressFamily family, CancellationToken cancellation)
    {
        IPAddress[] addresses = IPAddress.TryParse(host, out IPAddress? literal)
            ? new[] { literal.Unmapped() }
            : LookUp(host, cancellation);
        IPAddress? chosen = family == AddressFamily.Unspecified
            ? addresses.OrderBy(address => address.AddressFamily != AddressFamily.InterNetwork).FirstOrDefault()
            : addresses.FirstOrDefault(address => address.AddressFamily == family);
        return chosen ?? throw new SocketException((int)SocketError.AddressFamilyNotSupported);
    }

    private static IPAddress[] LookUp(string host, CancellationToken cancellation)
    {
        // .NET takes an empty name for this machine, and refuses one that is too long with an exception of another kind.
        if (string.IsNullOrWhiteSpace(host) || host.Length > 255)
        {
            throw new SocketException((int)SocketError.HostNotFound);
        }

        try
        {
            Task<IPAddress[]> lookUp = Dns.GetHostAddressesAsync(host);
            lookUp.Wait(cancellation);
            return lookUp.Result;
        }
        catch (AggregateException exception)
        {
            ExceptionDispatchInfo.Capture(exception.InnerException!).Throw();
            throw;
        }
    }
}
