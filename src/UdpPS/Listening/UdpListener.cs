using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using UdpPS.Sockets;

namespace UdpPS.Listening;

/// <summary>
/// A bound socket, and what stands between it and the pipeline. Only <see cref="Take"/> and what follows it for a message are
/// bound to one thread, the one that delivers; all else is thread-safe.
/// </summary>
internal sealed class UdpListener : IDisposable
{
    private static readonly ConcurrentDictionary<UdpListener, bool> AllRunning = new();

    private readonly IListenerSocket _socket;
    private readonly ListenerCounters _counters = new();
    private readonly AckSender _acks;
    private readonly DatagramReceiver _receiver;
    private readonly object _stopLock = new();
    private int _isStopping;
    private Exception? _failure;

    /// <param name="options">Who and what may come in.</param>
    /// <param name="socket">What it receives from and sends acks with; it closes with this.</param>
    internal UdpListener(ListenerOptions options, IListenerSocket socket)
    {
        _socket = socket;
        _acks = new AckSender(options, socket, _counters, LocalAddresses.OfMachine);
        _receiver = new DatagramReceiver(options, socket, _counters, _acks);
        _receiver.Failed += Fail;
        Duplicates = options.DuplicateWindowSeconds > 0 ? new DuplicateFilter(options.DuplicateWindowSeconds) : null;
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
    internal Exception? Failure => _failure ?? _receiver.LastError;

    /// <summary>What tells duplicates, for the thread that delivers; null where none are looked for.</summary>
    internal DuplicateFilter? Duplicates { get; }

    /// <inheritdoc cref="DatagramReceiver.Untaken"/>
    internal long Untaken => _receiver.Untaken;

    /// <inheritdoc cref="DatagramReceiver.IsStandbyAsleep"/>
    internal bool IsStandbyAsleep => _receiver.IsStandbyAsleep;

    /// <summary>Binds. Nothing is read before <see cref="Start"/>, but datagrams already wait in the socket.</summary>
    /// <exception cref="SocketException">The address or port cannot be had, or a group cannot be joined.</exception>
    internal static UdpListener Open(ListenerOptions options) => new(options, SocketFactory.Default.OpenListener(options));

    internal void Start() => _receiver.Start();

    /// <inheritdoc cref="DatagramReceiver.KeepUntilRead"/>
    internal void KeepUntilRead(Func<int> countUnread) => _receiver.KeepUntilRead(countUnread);

    /// <inheritdoc cref="DatagramReceiver.TryTakeNotice"/>
    internal bool TryTakeNotice() => _receiver.TryTakeNotice();

    /// <inheritdoc cref="DatagramReceiver.Take"/>
    internal UdpMessage? Take(Deadline deadline)
    {
        try
        {
            return _receiver.Take(deadline);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            Fail(exception);
            return null;
        }
    }

    /// <summary>Notes that the pipeline took a message.</summary>
    internal void EndDelivery(UdpMessage message)
    {
        _receiver.EndDelivery(message);
        _counters.Delivered.Increment();
    }

    /// <summary>Notes that a message that was taken is a duplicate.</summary>
    internal void DiscardDuplicate(UdpMessage message)
    {
        _receiver.Discard(message);
        _counters.Duplicates.Increment();
    }

    /// <summary>
    /// Acknowledges a message that was delivered, if the rules allow it. Its ack may wait for those of messages that wait already,
    /// while the standby thread sees to it that it leaves within a moment.
    /// </summary>
    /// <inheritdoc cref="AckSender.Acknowledge"/>
    internal AckOutcome Acknowledge(UdpMessage message, byte[] payload, bool isUrgent)
    {
        AckOutcome outcome = _acks.Acknowledge(message, payload, isUrgent);
        if (!_receiver.IsWatched)
        {
            _acks.Flush();
        }

        return outcome;
    }

    /// <summary>Sends the acks that wait.</summary>
    internal void FlushAcks() => _acks.Flush();

    internal UdpListenerStatistics GetStatistics() => _counters.ToStatistics(_socket);

    /// <summary>Closes the socket, which frees the port, and ends every wait.</summary>
    internal void Stop()
    {
        // Whoever comes second waits for the first: when this returns the socket is closed.
        lock (_stopLock)
        {
            if (Interlocked.Exchange(ref _isStopping, 1) == 0)
            {
                Close();
            }
        }
    }

    /// <summary>Stops, and waits for its thread to end.</summary>
    public void Dispose()
    {
        Stop();
        _receiver.Join();
    }

    private void Close()
    {
        try
        {
            _acks.Flush();
            _counters.BeginStop();
            _receiver.Stop();
            _counters.KeepSystemDrops(_socket);

            // The thread that delivers may have finished a message meanwhile.
            _acks.Flush();
        }
        finally
        {
            _socket.Dispose();
            AllRunning.TryRemove(this, out _);
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
}
