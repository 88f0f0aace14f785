using System;
using System.Net;
using System.Net.Sockets;

namespace UdpPS.Sockets;

/// <summary>
/// A UDP socket as the engines see it. Both directions work on batches, so that an implementation may move many datagrams
/// with one system call.
/// </summary>
internal interface IDatagramSocket : IDisposable
{
    /// <summary>The socket itself, for options and for waiting on many at once.</summary>
    Socket Socket { get; }

    /// <summary>The address and port this socket is bound to.</summary>
    IPEndPoint LocalEndPoint { get; }

    /// <summary>Whether sending many datagrams at once is cheaper than sending them one by one.</summary>
    bool SendsInBatches { get; }

    /// <summary>Datagrams the system dropped because this socket's buffer was full; 0 where the system does not tell.</summary>
    long DroppedBySystem { get; }

    /// <summary>
    /// Waits until a datagram is there, then takes what is there, as far as <paramref name="into"/> has room.
    /// </summary>
    /// <param name="into">Filled from the start.</param>
    /// <param name="timeoutMilliseconds">
    /// How long to wait for the first, at most: it may come back empty-handed after 400 ms. 0 looks without waiting.
    /// </param>
    /// <returns>How many were taken; 0 when none came in time.</returns>
    /// <exception cref="SocketException">An ICMP error that belongs to this socket, or the socket's failure.</exception>
    /// <exception cref="ObjectDisposedException">The socket was closed, perhaps while waiting.</exception>
    int Receive(Datagram[] into, int timeoutMilliseconds);

    /// <summary>
    /// Sends datagrams in order, each to its own peer, without waiting: what the system has no room for fails with
    /// <see cref="SocketError.WouldBlock"/>.
    /// </summary>
    /// <returns>How many were sent before one failed; the failing one throws when it is sent first in a further call.</returns>
    /// <exception cref="SocketException">The first datagram could not be sent.</exception>
    /// <exception cref="ObjectDisposedException">The socket was closed.</exception>
    int Send(Datagram[] datagrams, int offset, int count);
}
