using System;
using System.Net;
using System.Net.Sockets;

namespace UdpPS.Sockets;

/// <summary>
/// A listener's socket. Both directions work on batches, so that an implementation may move many datagrams with one system
/// call. Thread-safe.
/// </summary>
internal interface IListenerSocket : IDisposable
{
    /// <summary>The address and port this socket is bound to.</summary>
    IPEndPoint LocalEndPoint { get; }

    /// <summary>How many datagrams one system call moves.</summary>
    int BatchLength { get; }

    /// <summary>Datagrams the system dropped because this socket's buffer was full; 0 where the system does not tell.</summary>
    long DroppedBySystem { get; }

    /// <summary>Whether more than a quarter of the room for received datagrams is taken.</summary>
    /// <exception cref="ObjectDisposedException">The socket was closed.</exception>
    bool IsFilling { get; }

    /// <summary>
    /// Waits until a datagram is there, then takes what is there, as far as <paramref name="into"/> has room.
    /// </summary>
    /// <param name="into">Filled from the start.</param>
    /// <param name="timeoutMilliseconds">
    /// How long to wait for the first, at most: it may come back early. 0 looks without waiting, <see cref="int.MaxValue"/> waits
    /// until <see cref="EndWaits"/>.
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

    /// <summary>
    /// From now on no receive waits. One that waits ends now where the system can end it, else when the socket is closed: what
    /// is in the socket can be taken all the same.
    /// </summary>
    void EndWaits();
}
