using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using UdpPS.Sockets;

namespace UdpPS.Sending;

/// <summary>
/// Sends messages that nobody will ask about. A thread of its own always sends what waits, as many as there are for one destination
/// with one call: a message leaves at once where nothing waits, and together with others where they come faster than they leave. A
/// destination whose buffer is full holds up no other. Its methods are for one thread.
/// </summary>
internal sealed class OneWaySender : IDisposable
{
    // Each has a socket; the one that was used longest ago is closed for a new one.
    private const int MaximumDestinations = 256;

    // What waits: so many messages, and so many bytes, but for one message that is longer.
    private const int MaximumWaiting = 4096;
    private const int MaximumBytes = 16 * 1024 * 1024;
    private const int MaximumBatch = 64;

    // Linux keeps as much as this for an address while it looks for its owner, and counts twice as much for the socket: then the
    // buffer is not full before what is too old has been dropped.
    private const int SendBuffer = 212_992;

    // So long a destination may have no room before its messages fail.
    private const double PatienceSeconds = 0.4;
    private const int RetryMilliseconds = 1;

    // Each stands in the way of one call.
    private const int MaximumReports = 64;

    private static readonly long PatienceTicks = (long)(PatienceSeconds * Stopwatch.Frequency);

    private readonly object _lock = new();
    private readonly SendOptions _options;
    private readonly SenderResources _resources;
    private readonly Dictionary<IPEndPoint, LinkedListNode<OneWayDestination>> _destinations = new();
    private readonly LinkedList<OneWayDestination> _byUse = new();
    private readonly List<OneWayDestination> _busy = new();
    private readonly Queue<OneWayFailure> _failures = new();
    private readonly byte[][] _batch = new byte[MaximumBatch][];
    private readonly Thread _thread;
    private IPEndPoint? _lastRemote;
    private OneWayDestination? _last;
    private int _waiting;
    private long _waitingBytes;
    private bool _isIdle;
    private bool _isClosing;
    private bool _hasFailed;
    private volatile int _failureCount;
    private long _closingSince;

    internal OneWaySender(SendOptions options, SenderResources resources)
    {
        _options = options.LocalPort == 0 ? options with { SendBuffer = SendBuffer } : options;
        _resources = resources;
        _thread = new Thread(Run) { IsBackground = true, Name = "UdpPS sender" };
        _thread.Start();
    }

    /// <summary>Gives a message to be sent; waits while too many wait already.</summary>
    /// <param name="message">The message.</param>
    /// <param name="remote">Where it goes.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <exception cref="SocketException">There is no socket to send it from, or it is longer than a datagram can be.</exception>
    /// <exception cref="OperationCanceledException">The user wants to stop.</exception>
    internal void Send(in OneWayMessage message, IPEndPoint remote, CancellationToken stop)
    {
        if (message.Payload.Length > DatagramSize.MaximumPayload(remote.Address))
        {
            throw new SocketException((int)SocketError.MessageSize);
        }

        lock (_lock)
        {
            while (!_hasFailed && _waiting > 0 && (_waiting >= MaximumWaiting || _waitingBytes + message.Payload.Length > MaximumBytes))
            {
                stop.ThrowIfCancellationRequested();
                Monitor.Wait(_lock, (int)(PatienceSeconds * 1000));
            }

            if (_hasFailed)
            {
                throw new SocketException((int)SocketError.SocketError);
            }

            OneWayDestination destination = DestinationOf(remote, stop);
            destination.Waiting.Enqueue(message);
            _waiting++;
            _waitingBytes += message.Payload.Length;
            if (!destination.IsBusy)
            {
                destination.IsBusy = true;
                _busy.Add(destination);
            }

            if (_isIdle)
            {
                Monitor.PulseAll(_lock);
            }
        }
    }

    /// <summary>Takes a message that did not leave.</summary>
    internal bool TryTakeFailure(out OneWayFailure failure)
    {
        failure = null!;
        if (_failureCount == 0)
        {
            return false;
        }

        lock (_lock)
        {
            failure = _failures.Dequeue();
            _failureCount = _failures.Count;
            return true;
        }
    }

    /// <summary>Waits until all messages have left, or have failed.</summary>
    /// <exception cref="OperationCanceledException">The user wants to stop.</exception>
    internal void Flush(CancellationToken stop)
    {
        lock (_lock)
        {
            while (!_hasFailed && _waiting > 0)
            {
                stop.ThrowIfCancellationRequested();
                Monitor.Wait(_lock, (int)(PatienceSeconds * 1000));
            }
        }
    }

    /// <summary>Sends what waits, for a moment at most, and closes all sockets.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isClosing = true;
            _closingSince = Stopwatch.GetTimestamp();
            Monitor.PulseAll(_lock);
        }

        _thread.Join();
    }

    private OneWayDestination DestinationOf(IPEndPoint remote, CancellationToken stop)
    {
        if (ReferenceEquals(remote, _lastRemote))
        {
            return _last!;
        }

        if (_destinations.TryGetValue(remote, out LinkedListNode<OneWayDestination>? node))
        {
            _byUse.Remove(node);
            _byUse.AddLast(node);
        }
        else
        {
            CloseOldest(stop);
            node = _byUse.AddLast(new OneWayDestination(remote, Open(remote)));
            _destinations.Add(remote, node);
        }

        _lastRemote = remote;
        _last = node.Value;
        return _last;
    }

    // What waits there leaves first.
    private void CloseOldest(CancellationToken stop)
    {
        while (_destinations.Count >= MaximumDestinations)
        {
            OneWayDestination oldest = _byUse.First!.Value;
            if (!oldest.IsBusy || _hasFailed)
            {
                Retire(oldest);
            }
            else
            {
                stop.ThrowIfCancellationRequested();
                Monitor.Wait(_lock, (int)(PatienceSeconds * 1000));
            }
        }
    }

    private IPeerSocket Open(IPEndPoint remote)
    {
        if (_options.LocalPort == 0)
        {
            return _resources.Sockets.Open(remote, _options);
        }

        FixedPortSocket share = _resources.FixedPorts.Open(remote, _options);
        share.IsOneWay = true;
        return share;
    }

    private void Close(OneWayDestination destination)
    {
        if (_options.LocalPort != 0)
        {
            destination.Socket.Dispose();
        }
        else
        {
            _resources.Sockets.Close(destination.Socket);
        }
    }

    private void Retire(OneWayDestination destination)
    {
        _byUse.Remove(_destinations[destination.Remote]);
        _destinations.Remove(destination.Remote);
        destination.IsRetired = true;
        _lastRemote = null;
        if (!destination.IsBusy)
        {
            Close(destination);
        }
    }

    // An exception here would end the process, and with it the user's shell.
    private void Run()
    {
        try
        {
            SendUntilClosed();
        }
        catch (Exception exception)
        {
            FailAll(exception);
        }

        CloseAll();
    }

    private void SendUntilClosed()
    {
        var turn = new List<OneWayDestination>();
        while (WaitForWork())
        {
            bool hasSent = false;
            lock (_lock)
            {
                turn.Clear();
                turn.AddRange(_busy);
            }

            foreach (OneWayDestination destination in turn)
            {
                hasSent |= SendSome(destination);
            }

            lock (_lock)
            {
                Monitor.PulseAll(_lock);
                if (!hasSent && _busy.Count > 0)
                {
                    // All that have something to send have no room for it.
                    Monitor.Wait(_lock, RetryMilliseconds);
                }
            }
        }
    }

    private bool WaitForWork()
    {
        lock (_lock)
        {
            while (_busy.Count == 0 && !_isClosing)
            {
                _isIdle = true;
                Monitor.Wait(_lock);
                _isIdle = false;
            }

            return _busy.Count > 0 && !(_isClosing && Stopwatch.GetTimestamp() - _closingSince > PatienceTicks);
        }
    }

    // Sends a batch, outside of the lock: the pipeline goes on meanwhile.
    private bool SendSome(OneWayDestination destination)
    {
        int count = 0;
        lock (_lock)
        {
            foreach (OneWayMessage message in destination.Waiting)
            {
                _batch[count++] = message.Payload;
                if (count == MaximumBatch)
                {
                    break;
                }
            }
        }

        int sent = destination.Socket.SendMany(_batch, count, destination.Remote, out SocketError error);
        for (int reports = 0; error != SocketError.Success && reports < MaximumReports && TakeReports(destination.Socket); reports++)
        {
            // It was the report on an earlier datagram that was told, and nothing was sent.
            sent = destination.Socket.SendMany(_batch, count, destination.Remote, out error);
        }

        int pathMtu = error == SocketError.MessageSize && destination.Socket.TryTakeIcmpError(out IcmpError report) ? report.PathMtu : 0;
        lock (_lock)
        {
            for (int i = 0; i < sent; i++)
            {
                Remove(destination);
            }

            if (sent > 0)
            {
                destination.BlockedSince = null;
            }

            if (error != SocketError.Success && MustFail(destination, error))
            {
                SocketException exception = pathMtu > 0 ? new PathMtuException(pathMtu) : new SocketException((int)error);
                Fail(destination, exception);
                sent++;
            }

            if (destination.Waiting.Count == 0)
            {
                destination.IsBusy = false;
                _busy.Remove(destination);
                if (destination.IsRetired)
                {
                    Close(destination);
                }
            }
        }

        return sent > 0;
    }

    private bool MustFail(OneWayDestination destination, SocketError error)
    {
        if (error is SocketError.WouldBlock or SocketError.NoBufferSpaceAvailable)
        {
            destination.BlockedSince ??= Stopwatch.GetTimestamp();
            return Stopwatch.GetTimestamp() - destination.BlockedSince > PatienceTicks;
        }

        if (error != SocketError.MessageSize && !destination.IsRetired)
        {
            // Routes and addresses change: the next message gets a new socket.
            Retire(destination);
        }

        return true;
    }

    private static bool TakeReports(IPeerSocket socket)
    {
        bool hasAny = false;
        while (socket.TryTakeIcmpError(out _))
        {
            hasAny = true;
        }

        return hasAny;
    }

    private void Fail(OneWayDestination destination, SocketException exception)
    {
        _failures.Enqueue(new OneWayFailure(Remove(destination), destination.Remote, exception));
        _failureCount = _failures.Count;
    }

    private OneWayMessage Remove(OneWayDestination destination)
    {
        OneWayMessage message = destination.Waiting.Dequeue();
        _waiting--;
        _waitingBytes -= message.Payload.Length;
        return message;
    }

    private void FailAll(Exception exception)
    {
        lock (_lock)
        {
            _hasFailed = true;
            foreach (OneWayDestination destination in _busy)
            {
                while (destination.Waiting.Count > 0)
                {
                    Fail(destination, exception as SocketException ?? new SocketException((int)SocketError.SocketError));
                }
            }

            Monitor.PulseAll(_lock);
        }
    }

    private void CloseAll()
    {
        lock (_lock)
        {
            foreach (OneWayDestination destination in _busy)
            {
                if (destination.IsRetired)
                {
                    Close(destination);
                }
            }

            foreach (OneWayDestination destination in _byUse)
            {
                Close(destination);
            }

            _byUse.Clear();
            _destinations.Clear();
            _busy.Clear();
        }
    }
}
