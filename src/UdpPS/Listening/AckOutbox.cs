using System;
using System.Diagnostics;
using System.Net.Sockets;
using UdpPS.Sockets;

namespace UdpPS.Listening;

/// <summary>
/// Acks on their way out. Where the socket can send many with one system call they wait a moment for each other, never
/// longer than a quarter of a millisecond while more are added; <see cref="Attendant"/> sees to it that they leave when no
/// more are. For any thread.
/// </summary>
/// <remarks>
/// Where the pipeline takes its time over messages there is nothing to gain by waiting, and the next message may keep the
/// delivering thread away: so after a gap acks leave one by one, for as many as might come in one batch.
/// </remarks>
internal sealed class AckOutbox
{
    private const int Length = 64;

    private static readonly long LongestWaitTicks = Stopwatch.Frequency / 4000;

    private static readonly long GapTicks = Stopwatch.Frequency / 1000;

    private readonly object _lock = new();
    private readonly IDatagramSocket _socket;
    private readonly ListenerCounters _counters;
    private readonly Datagram[] _waiting = new Datagram[Length];
    private int _count;
    private long _oldest;
    private long _newest;
    private int _oneByOne;
    private bool _isUnattended;

    internal AckOutbox(IDatagramSocket socket, ListenerCounters counters)
    {
        _socket = socket;
        _counters = counters;
    }

    /// <summary>Puts an ack with those that wait, if any may wait.</summary>
    /// <param name="ack">What is to be sent, and where.</param>
    /// <param name="now">The time, on the monotonic clock.</param>
    internal void Add(in Datagram ack, long now)
    {
        lock (_lock)
        {
            if (_count == 0)
            {
                _oldest = now;
            }

            _oneByOne = now - _newest >= GapTicks ? Length : Math.Max(_oneByOne - 1, 0);
            _newest = now;
            _waiting[_count++] = ack;
            if (!MayWait(now))
            {
                SendWaiting();
            }
        }
    }

    /// <summary>Sends an ack at once, after those that wait.</summary>
    /// <returns>False when it could not be sent.</returns>
    internal bool Send(in Datagram ack)
    {
        lock (_lock)
        {
            SendWaiting();
            _waiting[_count++] = ack;
            return SendWaiting() == 1;
        }
    }

    /// <summary>Sends what waits.</summary>
    internal void Flush()
    {
        lock (_lock)
        {
            SendWaiting();
        }
    }

    /// <summary>Sends what waits, and lets nothing wait from now on, because nobody looks after it.</summary>
    internal void Leave()
    {
        lock (_lock)
        {
            _isUnattended = true;
            SendWaiting();
        }
    }

    /// <summary>Somebody looks after what waits again.</summary>
    internal void Attend()
    {
        lock (_lock)
        {
            _isUnattended = false;
        }
    }

    private bool MayWait(long now) =>
        _count < Length && _oneByOne == 0 && !_isUnattended && _socket.SendsInBatches && now - _oldest < LongestWaitTicks;

    // A peer that is gone, or a socket just closed, is no error of the listener.
    private int SendWaiting()
    {
        int sent = 0;
        int done = 0;
        while (done < _count)
        {
            try
            {
                int more = _socket.Send(_waiting, done, _count - done);
                sent += more;
                done += more;
            }
            catch (SocketException)
            {
                _counters.TryCountError();
                done++;
            }
            catch (ObjectDisposedException)
            {
                break;
            }
        }

        _counters.Acknowledged.Add(sent);
        _count = 0;
        return sent;
    }
}
