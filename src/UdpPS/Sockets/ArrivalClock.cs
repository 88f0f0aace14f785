using System;
using System.Diagnostics;
using System.Net.Sockets;

namespace UdpPS.Sockets;

/// <summary>Tells when datagrams came in that were read only later.</summary>
internal readonly struct ArrivalClock
{
    /// <summary>An age this short may be the time of the question, and is not worth the asking.</summary>
    internal static readonly TimeSpan ShortestAge = TimeSpan.FromMilliseconds(0.1);

    private readonly Socket _socket;

    /// <summary>Has the system note the times from here on, where it can.</summary>
    internal ArrivalClock(Socket socket)
    {
        _socket = socket;
        UnixSocketOptions.GetAgeOfLastDatagram(socket);
    }

    /// <inheritdoc cref="IPeerSocket.AskArrivalOfLast"/>
    internal long AskArrivalOfLast() =>
        UnixSocketOptions.GetAgeOfLastDatagram(_socket) is { } age && age >= ShortestAge
            ? Stopwatch.GetTimestamp() - (long)(age.TotalSeconds * Stopwatch.Frequency)
            : 0;
}
