using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Net.Sockets;
using System.Threading;
using UdpPS.Sockets;

namespace UdpPS.Listening;

/// <summary>Reads datagrams, and holds the messages among them until they are delivered.</summary>
/// <remarks>
/// One thread reads at a time. The thread that delivers does so itself when no message waits, which saves a change of threads
/// for each message. While it delivers, a standby thread looks again and again: it sends the acks that wait and, if nobody has
/// read since its last look or the socket is filling, it reads what is there. If the delivering thread has not come back since
/// then either, the standby thread waits at the socket in its place. While the delivering thread waits there, the standby
/// thread sleeps. All state is under one lock, which is free during a system call.
/// </remarks>
internal sealed class DatagramReceiver
{
    private const int LookMicroseconds = 500;

    // Errors one after the other with nothing received in between: the socket is broken, and retrying would only spin.
    private const int MaximumConsecutiveErrors = 100;

    // Bounds what is read at the end, under a flood.
    private const int MaximumUnread = 65536;

    // After a suspension of the process the deadline may have passed before the thread that reads could hand over what it has.
    private const int GraceOfReaderMilliseconds = 100;

    private readonly object _lock = new();
    private readonly ListenerOptions _options;
    private readonly IListenerSocket _socket;
    private readonly ListenerCounters _counters;
    private readonly AckSender _acks;
    private readonly Queue<UdpMessage> _waiting = new();
    private readonly Backlog _backlog;
    private readonly Datagram[] _batch;
    private readonly Thread _standby;
    private bool _isReading;
    private bool _isTakerWaiting;
    private bool _isStandbyAsleep;
    private bool _wasRead;
    private bool _wasTaken;
    private bool _isStopping;
    private volatile bool _isWatched;
    private int _errors;
    private long _sequence;
    private long _unreadAtClose;

    /// <param name="options">Who and what may come in.</param>
    /// <param name="socket">What is read.</param>
    /// <param name="counters">Where it is counted.</param>
    /// <param name="acks">What leaves before the delivering thread waits, and while it is away.</param>
    internal DatagramReceiver(ListenerOptions options, IListenerSocket socket, ListenerCounters counters, AckSender acks)
    {
        _options = options;
        _socket = socket;
        _counters = counters;
        _acks = acks;
        _backlog = new Backlog(options.QueueLength);

        // What cannot be held is better left in the socket.
        _batch = new Datagram[Math.Min(socket.BatchLength, options.QueueLength)];
        _standby = new Thread(RunStandby) { IsBackground = true, Name = "UdpPS listener " + socket.LocalEndPoint.Port };
    }

    /// <summary>Raised on the standby thread, once, when reading failed there.</summary>
    internal event Action<Exception>? Failed;

    /// <summary>The last error of the socket, unless something was received since.</summary>
    internal SocketException? LastError { get; private set; }

    /// <summary>
    /// Whether the standby thread sends acks that wait within a moment. It does not while it waits at the socket, or sleeps.
    /// </summary>
    internal bool IsWatched => _isWatched;

    /// <summary>Whether the standby thread has nothing to do, and does not even look.</summary>
    internal bool IsStandbyAsleep
    {
        get
        {
            lock (_lock)
            {
                return _isStandbyAsleep;
            }
        }
    }

    /// <summary>Messages that arrived and that nobody has taken.</summary>
    internal long Untaken
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count + _unreadAtClose;
            }
        }
    }

    /// <summary>Starts the standby thread.</summary>
    internal void Start() => _standby.Start();

    /// <inheritdoc cref="Backlog.KeepUntilRead"/>
    internal void KeepUntilRead(Func<int> countUnread) => _backlog.KeepUntilRead(countUnread);

    /// <inheritdoc cref="Backlog.TryTakeNotice"/>
    internal bool TryTakeNotice()
    {
        if (!_backlog.IsKept)
        {
            return false;
        }

        lock (_lock)
        {
            return _backlog.TryTakeNotice();
        }
    }

    /// <summary>
    /// Takes the next message, for the thread that delivers. If none waits, the acks leave, and what the socket has is read,
    /// also when the deadline has passed.
    /// </summary>
    /// <returns>Null when none came in time, when this is stopped, or when the backlog has a notice.</returns>
    /// <exception cref="SocketException">The socket is broken.</exception>
    /// <exception cref="ObjectDisposedException">The socket was closed.</exception>
    internal UdpMessage? Take(Deadline deadline)
    {
        lock (_lock)
        {
            bool isLate = deadline.HasPassed;
            bool isOver = false;
            for (int read = 0; _waiting.Count == 0 && !isOver && !_isStopping && !_backlog.IsNoticeDue;)
            {
                if (_isReading)
                {
                    WaitForStandby(isLate ? GraceOfReaderMilliseconds : deadline.RemainingMilliseconds);

                    // If it has left the socket with nothing that is allowed, this looks there itself.
                    isOver = _isReading && deadline.HasPassed;
                }
                else
                {
                    bool isLastLook = deadline.HasPassed;
                    int count = Read(deadline.RemainingMilliseconds);
                    Admit(count);

                    // What is not allowed may stand before what is.
                    read += count;
                    isOver = isLastLook && (count == 0 || read > MaximumUnread);
                }
            }

            WakeStandby();
            if (_waiting.Count == 0 || _isStopping)
            {
                return null;
            }

            _wasTaken = true;
            UdpMessage message = _waiting.Dequeue();
            _backlog.BeginDelivery(message.Length);
            return message;
        }
    }

    /// <summary>A message that was taken has been delivered.</summary>
    internal void EndDelivery(UdpMessage message)
    {
        if (_backlog.IsKept)
        {
            lock (_lock)
            {
                _backlog.EndDelivery(message.Length);
            }
        }
    }

    /// <summary>A message that was taken will not be delivered.</summary>
    internal void Discard(UdpMessage message)
    {
        if (_backlog.IsKept)
        {
            lock (_lock)
            {
                _backlog.Remove(message.Length);
            }
        }
    }

    /// <summary>Ends waits, and counts what is left in the socket, which is about to be closed.</summary>
    internal void Stop()
    {
        lock (_lock)
        {
            _isStopping = true;
            Monitor.PulseAll(_lock);
        }

        try
        {
            _socket.EndWaits();
            CountUnread();
        }
        catch (SocketException)
        {
            // Broken: nothing more can be known.
        }
    }

    /// <summary>Waits for the standby thread to end, unless it is the caller. The socket was closed before.</summary>
    internal void Join()
    {
        if (_standby.IsAlive && Thread.CurrentThread != _standby)
        {
            _standby.Join();
        }
    }

    // The thread's one method: whatever happens in it is reported, and never an unhandled exception.
    private void RunStandby()
    {
        try
        {
            LookUntilStopped();
        }
        catch (Exception exception)
        {
            Failed?.Invoke(exception);
        }
    }

    private void LookUntilStopped()
    {
        bool isStopping = false;
        _isWatched = true;
        while (!isStopping)
        {
            ShortSleep.ForMicroseconds(LookMicroseconds);
            _acks.Flush();
            lock (_lock)
            {
                if (_isReading && !_wasRead)
                {
                    SleepUntilTakerLeaves();
                }
                else if (!_isReading && (!_wasRead || _socket.IsFilling))
                {
                    ReadForTaker();
                }

                _wasRead = _wasTaken = false;
                isStopping = _isStopping;
            }
        }

        _isWatched = false;
        _acks.Flush();
    }

    private void SleepUntilTakerLeaves()
    {
        _isWatched = false;
        _isStandbyAsleep = true;
        while (_isStandbyAsleep && !_isStopping)
        {
            Monitor.Wait(_lock);
        }

        _isStandbyAsleep = false;
        _isWatched = true;
    }

    private void WakeStandby()
    {
        if (_isStandbyAsleep)
        {
            // From here on, though it takes the thread a moment to be there.
            _isWatched = true;
            _isStandbyAsleep = false;
            Monitor.Pulse(_lock);
        }
    }

    private void ReadForTaker()
    {
        int count = _batch.Length;
        while (count > 0 && !_isStopping)
        {
            count = Read(timeoutMilliseconds: 0);
            Admit(count);
        }

        // It may be stuck in the pipeline for long: then this waits at the socket.
        bool isBack = _wasTaken || _isTakerWaiting;
        while (!isBack && !_isStopping)
        {
            // Acks that wait leave first, and none waits from now on.
            _isWatched = false;
            count = Read(int.MaxValue);
            _isWatched = true;

            // Admit wakes it, so this comes first.
            isBack = _wasTaken || _isTakerWaiting;
            Admit(count);
        }

        Monitor.PulseAll(_lock);
    }

    // No ack waits then: the standby thread sends them before it reads, and none waits while it is at the socket.
    private void WaitForStandby(int timeoutMilliseconds)
    {
        _isTakerWaiting = true;
        Monitor.Wait(_lock, timeoutMilliseconds);
        _isTakerWaiting = false;
    }

    // With the lock, which is free meanwhile.
    private int Read(int timeoutMilliseconds)
    {
        _isReading = true;
        Monitor.Exit(_lock);
        int count = 0;
        try
        {
            _acks.Flush();
            count = ReceiveOrNote(timeoutMilliseconds);
        }
        finally
        {
            Monitor.Enter(_lock);
            _isReading = false;
            _wasRead |= count > 0;
        }

        return count;
    }

    // An ICMP error that some peer caused ends nothing, however many come in a row: each is read once. No peer can cause an aborted
    // connection: the system, or its administrator, has destroyed the socket, and nothing would come to it any more.
    private int ReceiveOrNote(int timeoutMilliseconds)
    {
        try
        {
            int received = _socket.Receive(_batch, timeoutMilliseconds);
            _errors = 0;
            LastError = null;
            return received;
        }
        catch (SocketException exception) when (IsIcmpError(exception)
            || (_errors < MaximumConsecutiveErrors && exception.SocketErrorCode != SocketError.ConnectionAborted))
        {
            if (_counters.TryCountError() && !IsIcmpError(exception))
            {
                _errors++;
                LastError = exception;
            }

            return 0;
        }
    }

    // Windows reads them on an unconnected socket too: a closed port, where SIO_UDP_CONNRESET is not known, and a time to live that
    // expired.
    private static bool IsIcmpError(SocketException exception) =>
        exception.SocketErrorCode is SocketError.ConnectionReset or SocketError.NetworkReset;

    private void Admit(int count)
    {
        if (count == 0)
        {
            return;
        }

        DateTime now = DateTime.UtcNow;
        long timestamp = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            if (IsAllowed(in _batch[i]))
            {
                Admit(in _batch[i], now, timestamp);
            }

            _batch[i] = default;
        }

        if (_isTakerWaiting && (_waiting.Count > 0 || _backlog.IsNoticeDue))
        {
            Monitor.PulseAll(_lock);
        }
    }

    private void Admit(in Datagram datagram, DateTime receivedAt, long timestamp)
    {
        _sequence++;
        if (!_backlog.TryAdd(datagram.Payload.Length))
        {
            _counters.Dropped.Increment();
            return;
        }

        // Before anybody can have it: so it is never counted as delivered and not as received.
        _counters.Received.Increment();
        _waiting.Enqueue(new UdpMessage(
            datagram.Payload,
            datagram.Remote,
            datagram.Local ?? _socket.LocalEndPoint.Address,
            _socket.LocalEndPoint.Port,
            _sequence,
            receivedAt,
            timestamp,
            _options.Encoding));
    }

    private bool IsAllowed(in Datagram datagram)
    {
        if (_options.AllowFrom is not { } allowed || allowed.Contains(datagram.Remote.Address))
        {
            return true;
        }

        _counters.Denied.Increment();
        return false;
    }

    private void CountUnread()
    {
        var batch = new Datagram[_socket.BatchLength];
        int unread = 0;
        int received = 1;
        for (int all = 0; received > 0 && all < MaximumUnread; all += received)
        {
            received = _socket.Receive(batch, timeoutMilliseconds: 0);
            for (int i = 0; i < received; i++)
            {
                unread += IsAllowed(in batch[i]) ? 1 : 0;
            }
        }

        lock (_lock)
        {
            _unreadAtClose += unread;
        }
    }
}
