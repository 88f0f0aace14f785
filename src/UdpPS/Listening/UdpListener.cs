using System;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using UdpPS.Sockets;

namespace UdpPS.Listening;

/// <summary>
/// A bound socket, the thread that empties it, and the queue that the pipeline takes messages from. Only
/// <see cref="Take"/> is bound to one thread; all else may be called from any.
/// </summary>
internal sealed class UdpListener : IDisposable
{
    private const int BatchLength = 64;

    // Closing the socket wakes a waiting thread where the system lets it; this bounds the wait where it does not.
    private const int PollMilliseconds = 100;

    // Errors one after the other with nothing received in between: the socket is broken, and retrying would only spin.
    private const int MaximumConsecutiveErrors = 100;

    private const int MaximumNotices = 1024;

    private readonly ListenerOptions _options;
    private readonly IDatagramSocket _socket;
    private readonly MessageQueue _queue;
    private readonly ListenerCounters _counters = new();
    private readonly OwnAddresses _ownAddresses = new();
    private readonly AckRules _rules;
    private readonly DuplicateFilter? _duplicates;
    private readonly ConcurrentQueue<AckOutcome> _notices = new();
    private readonly Action<UdpMessage> _onQueued;
    private readonly Thread _receiver;
    private readonly IPAddress _boundAddress;
    private readonly object _stopLock = new();
    private int _isStopping;
    private bool _isStarted;
    private long _sequence;
    private long _late;

    private UdpListener(ListenerOptions options, IDatagramSocket socket)
    {
        _options = options;
        _socket = socket;
        _boundAddress = socket.LocalEndPoint.Address;
        _queue = new MessageQueue(options.QueueLength);
        _rules = new AckRules(socket.LocalEndPoint, _ownAddresses, options.MaximumAcksPerSecond, options.AllowFrom is not null);
        _duplicates = options.DuplicateWindowSeconds > 0 ? new DuplicateFilter(options.DuplicateWindowSeconds) : null;
        _onQueued = OnQueued;
        _receiver = new Thread(ReceiveUntilStopped) { IsBackground = true, Name = "UdpPS listener " + LocalPort };
    }

    /// <summary>The port it listens on: the one asked for, or the one the system picked.</summary>
    internal int LocalPort => _socket.LocalEndPoint.Port;

    /// <summary>True from the moment it was told to stop, or could not go on.</summary>
    internal bool IsStopped => Volatile.Read(ref _isStopping) != 0;

    /// <summary>Why it could not go on, if it could not.</summary>
    internal Exception? Failure { get; private set; }

    /// <summary>Messages that arrived and that nobody has taken.</summary>
    internal long Waiting => _queue.Count + Interlocked.Read(ref _late);

    /// <summary>Binds. Nothing is read before <see cref="Start"/>, but datagrams already wait in the socket.</summary>
    /// <exception cref="SocketException">The address or port cannot be had, or a group cannot be joined.</exception>
    internal static UdpListener Open(ListenerOptions options) => new(options, ListeningSocket.Open(options));

    internal void Start()
    {
        _isStarted = true;
        _receiver.Start();
    }

    /// <inheritdoc cref="MessageQueue.Take"/>
    internal int Take(UdpMessage[] into, int maximum, int timeoutMilliseconds) =>
        _queue.Take(into, maximum, timeoutMilliseconds);

    /// <summary>Notes that the pipeline took a message.</summary>
    internal void CountDelivered() => _counters.Delivered.Increment();

    /// <summary>
    /// Sends the answer to a message, if the rules allow it. A peer that is gone, or a socket just closed, is no error of the
    /// listener.
    /// </summary>
    internal AckOutcome Acknowledge(UdpMessage message, byte[] answer)
    {
        // A duplicate gets it again, whatever becomes of it now.
        message.Answer = answer;
        AckSuppression suppression = _rules.Judge(message, answer, out bool isNewLoop);
        if (suppression != AckSuppression.None)
        {
            _counters.SuppressedAcks.Increment();
            return new AckOutcome(message, answer, IsSent: false, suppression, isNewLoop);
        }

        bool isSent = TrySend(message, answer);
        if (isSent)
        {
            _counters.Acknowledged.Increment();
        }

        return new AckOutcome(message, answer, isSent, suppression, isNewLoop);
    }

    /// <summary>What became of acks that the receiving thread sent, and that is worth telling.</summary>
    internal bool TryTakeNotice(out AckOutcome notice) => _notices.TryDequeue(out notice);

    internal UdpListenerStatistics GetStatistics() => _counters.ToStatistics(_socket);

    /// <summary>Closes the socket, which frees the port, and ends every wait. Messages already queued can still be taken.</summary>
    internal void Stop()
    {
        // Whoever comes second waits for the first: when this returns the socket is closed.
        lock (_stopLock)
        {
            if (Interlocked.Exchange(ref _isStopping, 1) == 0)
            {
                _counters.KeepSystemDrops(_socket);
                _socket.Dispose();
                _queue.Close();
            }
        }
    }

    /// <summary>Stops, and waits for the receiving thread to end: after it the port is free.</summary>
    public void Dispose()
    {
        Stop();
        if (_isStarted && Thread.CurrentThread != _receiver)
        {
            _receiver.Join();
        }
    }

    // The thread's one method: whatever happens in it ends in Failure and a closed queue, never in an unhandled exception.
    private void ReceiveUntilStopped()
    {
        try
        {
            var batch = new Datagram[BatchLength];
            int errors = 0;
            while (!IsStopped && errors < MaximumConsecutiveErrors)
            {
                errors = ReceiveBatch(batch) ? 0 : errors + 1;
            }
        }
        catch (ObjectDisposedException) when (IsStopped)
        {
            // The socket was closed to wake this thread.
        }
        catch (Exception exception)
        {
            Failure ??= exception;
        }
        finally
        {
            Stop();
        }
    }

    private bool ReceiveBatch(Datagram[] batch)
    {
        int count;
        try
        {
            count = _socket.Receive(batch, PollMilliseconds);
        }
        catch (SocketException) when (IsStopped)
        {
            return true;
        }
        catch (SocketException exception)
        {
            // An ICMP error that some peer caused; the next receive may well succeed.
            _counters.Errors.Increment();
            Failure = exception;
            return false;
        }

        Failure = null;
        DateTime now = DateTime.UtcNow;
        long timestamp = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            Accept(in batch[i], now, timestamp);
        }

        return true;
    }

    private void Accept(in Datagram datagram, DateTime receivedAt, long timestamp)
    {
        IPEndPoint remote = datagram.Remote!;
        if (_options.AllowFrom is { } allowed && !allowed.Contains(remote.Address))
        {
            _counters.Denied.Increment();
            return;
        }

        var message = new UdpMessage(
            datagram.Payload,
            remote,
            datagram.Local ?? _boundAddress,
            LocalPort,
            _sequence + 1,
            receivedAt,
            timestamp,
            _options.Encoding);
        if (_duplicates?.Find(message) is { } original)
        {
            AcceptDuplicate(message, original);
            return;
        }

        if (_options.MaximumReceived > 0 && _counters.Received.Value >= _options.MaximumReceived)
        {
            Interlocked.Increment(ref _late);
            return;
        }

        _sequence++;
        if (!_queue.TryAdd(message, _onQueued))
        {
            CountRefused();
            return;
        }

        if (_options.AckWhenReceived is { } answer)
        {
            Note(Acknowledge(message, answer));
        }
    }

    // The queue was full, or the listener has ended meanwhile: then the pipeline is not to blame.
    private void CountRefused()
    {
        if (IsStopped)
        {
            Interlocked.Increment(ref _late);
        }
        else
        {
            _counters.Dropped.Increment();
        }
    }

    // Done before the delivering thread can have the message, so that it is never counted as delivered and not as received.
    private void OnQueued(UdpMessage message)
    {
        _counters.Received.Increment();
        _duplicates?.Remember(message);
    }

    // Until the original has been answered, which is when it was delivered, there is nothing that could be said again.
    private void AcceptDuplicate(UdpMessage message, UdpMessage original)
    {
        _counters.Received.Increment();
        _counters.Duplicates.Increment();
        if (original.Answer is { } answer)
        {
            Note(Acknowledge(message, answer));
        }
    }

    // This thread may not write: the delivering one does. What nobody takes is not piled up.
    private void Note(in AckOutcome outcome)
    {
        if (outcome.Suppression != AckSuppression.None && _notices.Count < MaximumNotices)
        {
            _notices.Enqueue(outcome);
        }
    }

    private bool TrySend(UdpMessage message, byte[] answer)
    {
        try
        {
            _socket.Send(new[] { new Datagram(answer, message.RemoteEndPoint, SourceFor(message)) }, 0, 1);
            return true;
        }
        catch (SocketException)
        {
            _counters.Errors.Increment();
            return false;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    // From where it was asked. What came to a group or a broadcast address was asked of no address in particular.
    private IPAddress? SourceFor(UdpMessage message)
    {
        IPAddress local = message.LocalIPAddress;
        return _boundAddress.IsWildcard() && !local.IsMulticast() && !_ownAddresses.HasBroadcast(local) ? local : null;
    }
}
