using System.Diagnostics;
using System.Net.Sockets;

namespace UdpPS.Sockets;

/// <summary>Tells when datagrams came in that were read only later.</summary>
internal readonly struct ArrivalClock
{
    private readonly Socket _socket;

    /// <summary>Has the system note the times from here on, where it can.</summary>
    internal ArrivalClock(Socket socket)
    {
        _socket = socket;
        UnixSocketOptions.GetAgeOfLastDatagram(socket);
    }

    /// <inheritdoc cref="IPeerSocket.AskArrivalOfLast"/>
    internal long AskArrivalOfLast() =>
        UnixSocketOptions.GetAgeOfLastDatagram(_socket) is { } age
            ? Stopwatch.GetTimestamp() - (long)(age.TotalSeconds * Stopwatch.Frequency)
            : 0;
}
