using System;
using System.Management.Automation;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using UdpPS.Sockets;

namespace UdpPS.Commands;

/// <summary>Makes what users type after -LocalAddress into an address.</summary>
internal static class LocalAddressArgument
{
    /// <param name="text">An address, or a name of this machine.</param>
    /// <param name="wanted">The family that was asked for.</param>
    /// <param name="portParameter">Where a port belongs, if the text has one.</param>
    /// <param name="cancellation">Ends the look-up of a name.</param>
    /// <exception cref="TerminatingErrorException">It is none, or it cannot be found.</exception>
    /// <exception cref="PipelineStoppedException">The look-up was ended.</exception>
    internal static IPAddress Resolve(string text, AddressFamily wanted, string portParameter, CancellationToken cancellation)
    {
        ServerName name = ServerName.Parse(text);
        if (name.Fault != ServerFault.None)
        {
            throw new TerminatingErrorException(ErrorRecords.InvalidLocalAddress(name, portParameter));
        }

        try
        {
            return HostResolver.Resolve(name, wanted, cancellation);
        }
        catch (SocketException exception)
        {
            throw new TerminatingErrorException(ErrorRecords.ResolveFailed(text, wanted, exception));
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
    }
}
