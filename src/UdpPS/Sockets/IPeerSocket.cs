using System;
using System.Net;
using System.Net.Sockets;

namespace UdpPS.Sockets;

/// <summary>
/// A socket that sends messages and takes their replies. No call waits, and a failed call returns its error. Not thread-safe.
/// </summary>
internal interface IPeerSocket : IDisposable
{
    /// <summary>Where it sends from. The address is the wildcard where the system chooses one for each datagram.</summary>
    IPEndPoint LocalEndPoint { get; }

    /// <summary>What a poller waits on: the socket itself, or the one that it shares.</summary>
    IPeerSocket Polled { get; }

    /// <summary>Why no reply here can be told from a reply to another message; null where each can.</summary>
    string? Ambiguity { get; }

    /// <summary>Sends one datagram.</summary>
    /// <param name="payload">The datagram.</param>
    /// <param name="remote">Where it goes; the peer itself, if the socket is connected.</param>
    /// <returns>
    /// Any error but success means that nothing was sent. It may be a report on an earlier datagram: then
    /// <see cref="TryTakeIcmpError"/> has it, and the send can be tried again.
    /// </returns>
    /// <exception cref="ObjectDisposedException">The socket was closed.</exception>
    SocketError Send(byte[] payload, IPEndPoint remote);

    /// <summary>Sends datagrams in order, with one system call where the system can.</summary>
    /// <param name="payloads">The datagrams.</param>
    /// <param name="count">How many of them, from the first on.</param>
    /// <param name="remote">As for <see cref="Send"/>.</param>
    /// <param name="error">As <see cref="Send"/> returns it, for the first that was not sent; success where that was not tried.</param>
    /// <returns>How many were sent, from the first on.</returns>
    /// <exception cref="ObjectDisposedException">The socket was closed.</exception>
    int SendMany(byte[][] payloads, int count, IPEndPoint remote, out SocketError error);

    /// <summary>Takes one datagram, if one is there.</summary>
    /// <returns>
    /// <see cref="SocketError.WouldBlock"/> where none is there. Any other error may be a report on an earlier datagram, which
    /// <see cref="TryTakeIcmpError"/> then has.
    /// </returns>
    /// <exception cref="ObjectDisposedException">The socket was closed.</exception>
    SocketError Receive(out Datagram datagram);

    /// <summary>As <see cref="Receive"/>, for a datagram that may have waited for some time.</summary>
    /// <param name="datagram">What was taken.</param>
    /// <param name="age">How long ago it came; null where the system does not tell.</param>
    SocketError ReceiveLate(out Datagram datagram, out TimeSpan? age);

    /// <summary>Takes one report of the network on what was sent from here, if there is one.</summary>
    /// <exception cref="ObjectDisposedException">The socket was closed.</exception>
    bool TryTakeIcmpError(out IcmpError error);
}
