using System.Net;
using System.Net.Sockets;
using UdpPS.Sockets;

namespace UdpPS.Sending;

/// <summary>Opens a socket for each message, on the port that has been unused for longest. Thread-safe.</summary>
internal sealed class ExchangeSockets
{
    private readonly IPeerSocketFactory _factory;
    private readonly FreePorts _ports;

    internal ExchangeSockets(IPeerSocketFactory factory, FreePorts ports)
    {
        _factory = factory;
        _ports = ports;
    }

    /// <summary>Opens a socket to one peer, on a port of its own.</summary>
    /// <exception cref="NoFreePortException">All ports are in use.</exception>
    /// <exception cref="SocketException">The local address cannot be had, or there is no way to the peer.</exception>
    internal IPeerSocket Open(IPEndPoint remote, SendOptions options)
    {
        for (int tries = _ports.Count; tries > 0 && _ports.TryTake(out int port); tries--)
        {
            IPeerSocket? socket = null;
            try
            {
                socket = TryOpen(remote, port, options);
                if (socket is not null)
                {
                    return socket;
                }
            }
            finally
            {
                if (socket is null)
                {
                    _ports.Return(port);
                }
            }
        }

        throw new NoFreePortException(_ports.Total);
    }

    /// <summary>Closes a socket, and frees its port.</summary>
    internal void Close(IPeerSocket socket)
    {
        int port = socket.LocalEndPoint.Port;
        socket.Dispose();
        _ports.Return(port);
    }

    // Ports in use elsewhere, and those that Windows has excluded, are passed over; and a message to this machine does not leave
    // from the port that it goes to, where it would come back to itself.
    private IPeerSocket? TryOpen(IPEndPoint remote, int port, SendOptions options)
    {
        if (port == remote.Port)
        {
            return null;
        }

        try
        {
            return _factory.OpenFor(remote, port, options);
        }
        catch (PortUnavailableException)
        {
            return null;
        }
    }
}
