using System;
using System.Net;
using System.Net.Sockets;
using UdpPS.Sockets;

namespace UdpPS.Sending;

/// <summary>
/// A conversation's socket, and what the network reports there: a report on a message that left before stands in the way of
/// the next call, which has then done nothing, and is made again. Not for two threads at once.
/// </summary>
internal sealed class PeerLink : IDisposable
{
    private const int MaximumReports = 3;

    private readonly IPeerSocket _socket;
    private readonly Action<SocketError> _onReport;

    /// <param name="socket">Owned from here on.</param>
    /// <param name="onReport">Told what the network reports.</param>
    internal PeerLink(IPeerSocket socket, Action<SocketError> onReport)
    {
        _socket = socket;
        _onReport = onReport;
    }

    internal Socket Socket => _socket.Socket;

    internal int LocalPort => _socket.LocalPort;

    /// <summary>The address it sends from; null where the system chooses one for each datagram.</summary>
    internal IPAddress? LocalAddress => _socket.LocalAddress.IsWildcard() ? null : _socket.LocalAddress;

    /// <inheritdoc cref="IPeerSocket.Send"/>
    internal void Send(byte[] payload)
    {
        for (int reports = 0; ; reports++)
        {
            try
            {
                _socket.Send(payload);
                return;
            }
            catch (SocketException exception) when (MayTryAgain(exception, reports))
            {
                _onReport(exception.SocketErrorCode);
            }
        }
    }

    /// <inheritdoc cref="IPeerSocket.SendMany"/>
    internal int SendMany(byte[][] payloads, int count)
    {
        for (int reports = 0; ; reports++)
        {
            try
            {
                return _socket.SendMany(payloads, count);
            }
            catch (SocketException exception) when (MayTryAgain(exception, reports))
            {
                _onReport(exception.SocketErrorCode);
            }
        }
    }

    /// <summary>Takes one datagram if one is there.</summary>
    internal bool TryReceive(out Datagram datagram)
    {
        // A report stands before the answers that came after it.
        for (int reports = 0; reports <= MaximumReports; reports++)
        {
            try
            {
                return _socket.TryReceive(out datagram);
            }
            catch (SocketException exception)
            {
                _onReport(exception.SocketErrorCode);
            }
        }

        datagram = default;
        return false;
    }

    /// <inheritdoc cref="IPeerSocket.AskArrivalOfLast"/>
    internal long AskArrivalOfLast() => _socket.AskArrivalOfLast();

    public void Dispose() => _socket.Dispose();

    private static bool MayTryAgain(SocketException exception, int reports) =>
        reports < MaximumReports && NetworkReports.ConcernsEarlierMessage(exception.SocketErrorCode);
}
