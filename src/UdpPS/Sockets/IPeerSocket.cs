using System;
using System.Net;
using System.Net.Sockets;

namespace UdpPS.Sockets;

/// <summary>A UDP socket that sends to one place, and takes the answers. Not for two threads at once.</summary>
internal interface IPeerSocket : IDisposable
{
    /// <summary>The socket itself, for waiting on many at once.</summary>
    Socket Socket { get; }

    /// <summary>The port it sends from.</summary>
    int LocalPort { get; }

    /// <summary>The address it sends from; the wildcard while it is not connected and the system chooses.</summary>
    IPAddress LocalAddress { get; }

    /// <summary>Sends one datagram.</summary>
    /// <exception cref="SocketException">It could not be sent.</exception>
    void Send(byte[] payload);

    /// <summary>Sends datagrams in order.</summary>
    /// <returns>How many were sent, from the first on: at least one, perhaps not all.</returns>
    /// <exception cref="SocketException">The first could not be sent.</exception>
    int SendMany(byte[][] payloads, int count);

    /// <summary>Takes one datagram if one is there.</summary>
    /// <exception cref="SocketException">An ICMP error that belongs to this socket, or the socket's failure.</exception>
    bool TryReceive(out Datagram datagram);

    /// <summary>When the datagram taken last came in, on the monotonic clock; 0 where the system does not tell.</summary>
    long AskArrivalOfLast();
}
