using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using UdpPS.Sockets;

namespace UdpPS.Listening;

/// <summary>
/// A bound socket, and what stands between it and the pipeline. Only <see cref="Take"/> is bound to one thread; all else may
/// be called from any.
/// </summary>
internal sealed class UdpListener : IDisposable
{
    private const double LongestWaitForReader = 0.1; // Seconds.
    private const int LookMicroseconds = 1000;

    private static readonly ConcurrentDictionary<UdpListener, bool> AllRunning = new();

    private readonly int _queueLength;
    private readonly IDatagramSocket _socket;
    private readonly ListenerCounters _counters = new();
    private readonly Acknowledger _acknowledger;
    private readonly AckOutbox _acks;
    private readonly Reception _reception;
    private readonly MessageQueue _queue = new();
    private readonly Attendant _attendant;
    private readonly Thread _attendantThread;
    private readonly object _stopLock = new();
    private int _isStopping;
    private bool _isStarted;
    private Exception? _failure;

    private UdpListener(ListenerOptions options, IDatagramSocket socket)
    {
        _queueLength = options.QueueLength;
        _socket = socket;
        _acknowledger = new Acknowledger(options, socket.LocalEndPoint, _counters);
        _acks = new AckOutbox(socket, _counters);
        Backlog = new Backlog(options.QueueLength);
        _reception = new Reception(options, socket, _counters, Backlog);
        _attendant = new Attendant(_reception, _queue, _acks, socket.Socket.ReceiveBufferSize);
        Duplicates = options.DuplicateWindowSeconds > 0 ? new DuplicateFilter(options.DuplicateWindowSeconds) : null;
        _attendantThread = new Thread(Attend) { IsBackground = true, Name = "UdpPS listener " + LocalPort };
        MulticastGroups = options.MulticastGroups;
        AllRunning[this] = true;
    }

    /// <summary>Those of this process whose socket is open.</summary>
    internal static IEnumerable<UdpListener> Running => AllRunning.Keys;

    /// <summary>The groups that it has joined.</summary>
    internal IReadOnlyList<IPAddress> MulticastGroups { get; }

    /// <summary>Where it is bound.</summary>
    internal IPEndPoint LocalEndPoint => _socket.LocalEndPoint;

    /// <summary>The port it listens on: the one asked for, or the one the system picked.</summary>
    internal int LocalPort => _socket.LocalEndPoint.Port;

    /// <summary>True from the moment it was told to stop, or could not go on.</summary>
    internal bool IsStopped => Volatile.Read(ref _isStopping) != 0;

    /// <summary>Why it could not go on, if it could not.</summary>
    internal Exception? Failure => _failure ?? _reception.LastError;

    /// <summary>What tells duplicates, for the thread that delivers; null where none are looked for.</summary>
    internal DuplicateFilter? Duplicates { get; }

    /// <summary>What bounds the messages that are held.</summary>
    internal Backlog Backlog { get; }

    /// <summary>Messages that arrived and that nobody has taken.</summary>
    internal long Waiting => _queue.Count + _reception.Late;

    /// <inheritdoc cref="Attendant.IsAsleep"/>
    internal bool IsAttendantAsleep => _attendant.IsAsleep;

    /// <summary>Binds. Nothing is read before <see cref="Start"/>, but datagrams already wait in the socket.</summary>
    /// <exception cref="SocketException">The address or port cannot be had, or a group cannot be joined.</exception>
    internal static UdpListener Open(ListenerOptions options) => new(options, ListeningSocket.Open(options));

    internal void Start()
    {
        _isStarted = true;
        _attendantThread.Start();
    }

    /// <summary>
    /// Takes up to <paramref name="maximum"/> messages, and never more than the queue may hold, waiting for the first. Whoever
    /// takes them delivers them, and comes back: meanwhile others are received in its place.
    /// </summary>
    /// <returns>
    /// How many; 0 when none came in time, when it is stopped and all that came has been taken, or when the backlog has a notice.
    /// </returns>
    internal int Take(UdpMessage[] into, int maximum, int timeoutMilliseconds)
    {
        Deadline deadline = Deadline.After(timeoutMilliseconds / 1000.0);
        _attendant.NoteArrival();
        int count;
        do
        {
            count = TakeWaiting(into, Math.Min(maximum, _queueLength), Math.Min(deadline.RemainingMilliseconds, SocketWait.LongestMilliseconds));
        }
        while (count == 0 && !IsStopped && !deadline.HasPassed && !Backlog.IsNoticeDue);
        _attendant.NoteDeparture();
        return count;
    }

    /// <summary>Takes up to <paramref name="maximum"/> of the messages that have arrived, without waiting for more.</summary>
    /// <returns>How many; 0 when nothing was in the queue or in the socket.</returns>
    internal int TakeArrived(UdpMessage[] into, int maximum)
    {
        maximum = Math.Min(maximum, _queueLength);
        _attendant.NoteArrival();
        int count = _queue.Take(into, maximum, 0);
        while (count == 0 && !IsStopped)
        {
            if (_reception.TryEnter())
            {
                count = ReceiveAndExit(into, maximum, 0);
                break;
            }

            // Another thread is reading. It adds what it has read, or leaves.
            count = _queue.Take(into, maximum, SocketWait.LongestMilliseconds);
        }

        _attendant.NoteDeparture();
        return count;
    }

    /// <summary>Notes that the pipeline took a message.</summary>
    internal void CountDelivered() => _counters.Delivered.Increment();

    /// <summary>Notes that a message was a duplicate.</summary>
    internal void CountDuplicate() => _counters.Duplicates.Increment();

    /// <summary>
    /// Acknowledges a message that was delivered, if the rules allow it. Its ack may wait a moment for others, but not
    /// beyond the next <see cref="FlushAcks"/>, nor for a millisecond.
    /// </summary>
    /// <inheritdoc cref="Acknowledger.Acknowledge"/>
    internal AckOutcome Acknowledge(UdpMessage message, byte[] payload, bool isUrgent) =>
        _acknowledger.Acknowledge(message, payload, _acks, isUrgent);

    /// <summary>Sends the acks that wait.</summary>
    internal void FlushAcks() => _acks.Flush();

    internal UdpListenerStatistics GetStatistics() => _counters.ToStatistics(_socket);

    /// <summary>Closes the socket, which frees the port, and ends every wait. Messages already queued can still be taken.</summary>
    internal void Stop()
    {
        // Whoever comes second waits for the first: when this returns the socket is closed.
        lock (_stopLock)
        {
            if (Interlocked.Exchange(ref _isStopping, 1) == 0)
            {
                _attendant.Stop();
                _acks.Flush();
                CountLeft();
                _counters.KeepSystemDrops(_socket);
                _counters.BeginStop();
                _socket.Dispose();
                _queue.Close();
                AllRunning.TryRemove(this, out _);
            }
        }
    }

    /// <summary>Stops, and waits for its thread to end: after it the port is free.</summary>
    public void Dispose()
    {
        Stop();
        if (_isStarted && Thread.CurrentThread != _attendantThread)
        {
            _attendantThread.Join();
        }
    }

    private int TakeWaiting(UdpMessage[] into, int maximum, int timeoutMilliseconds)
    {
        // What was received in this thread's absence came before what is in the socket.
        int count = _queue.Take(into, maximum, 0);
        if (count > 0 || IsStopped)
        {
            return count;
        }

        return _reception.TryEnter()
            ? ReceiveAndExit(into, maximum, timeoutMilliseconds)
            : _queue.Take(into, maximum, timeoutMilliseconds);
    }

    private int ReceiveAndExit(UdpMessage[] into, int maximum, int timeoutMilliseconds)
    {
        try
        {
            int count = _queue.Take(into, maximum, 0);
            if (count == 0)
            {
                count = timeoutMilliseconds == 0
                    ? _reception.ReceiveArrived(into, maximum)
                    : _reception.Receive(into, maximum, timeoutMilliseconds);
            }

            return count;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            Fail(exception);
            return 0;
        }
        finally
        {
            _reception.Exit();
        }
    }

    // The thread's one method: whatever happens in it ends in Failure and a closed queue, never in an unhandled exception.
    private void Attend()
    {
        try
        {
            _attendant.Run();
        }
        catch (Exception exception)
        {
            Fail(exception);
        }
        finally
        {
            Stop();
        }
    }

    // Once it is stopped, errors only say that the socket was closed to wake somebody.
    private void Fail(Exception exception)
    {
        if (!IsStopped)
        {
            _failure ??= exception;
            Stop();
        }
    }

    private void CountLeft()
    {
        if (!TryEnterReception())
        {
            return;
        }

        try
        {
            _reception.CountLeft();
        }
        catch (SocketException)
        {
            // Broken: nothing more can be known.
        }
        finally
        {
            _reception.Exit();
        }
    }

    // Another thread that has it leaves soon while there is something to read, perhaps without having read it. While there is
    // nothing it may stay, and nothing is left.
    private bool TryEnterReception()
    {
        Deadline end = Deadline.After(LongestWaitForReader);
        while (!_reception.TryEnter())
        {
            if (end.HasPassed || !HasMore())
            {
                return false;
            }

            Thread.Yield();
        }

        return true;
    }

    // A look that does not wait at all can miss a datagram while another thread reads: seen under Wine.
    private bool HasMore()
    {
        try
        {
            return _socket.Socket.Poll(LookMicroseconds, SelectMode.SelectRead);
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
