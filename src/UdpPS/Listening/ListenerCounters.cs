using System;
using System.Threading;
using UdpPS.Sockets;

namespace UdpPS.Listening;

/// <summary>A listener's counts, written by its threads and read by any.</summary>
internal sealed class ListenerCounters
{
    private long _systemDropsAtClose = -1;
    private volatile bool _isStopping;

    internal Counter Received { get; } = new();

    internal Counter Delivered { get; } = new();

    internal Counter Acknowledged { get; } = new();

    internal Counter Dropped { get; } = new();

    internal Counter Denied { get; } = new();

    internal Counter SuppressedAcks { get; } = new();

    internal Counter Duplicates { get; } = new();

    internal Counter Errors { get; } = new();

    /// <summary>
    /// Has no error counted from here on: the socket is about to be closed, and calls that are in it then fail. Windows ends them
    /// with WSA_OPERATION_ABORTED (995), which looks like an error of the socket.
    /// </summary>
    internal void BeginStop() => _isStopping = true;

    /// <summary>Counts an error of the socket.</summary>
    /// <returns>False after <see cref="BeginStop"/>: then it is none.</returns>
    internal bool TryCountError()
    {
        if (_isStopping)
        {
            return false;
        }

        Errors.Increment();
        return true;
    }

    /// <summary>Reads the system's own count for the last time, before the socket is closed.</summary>
    internal void KeepSystemDrops(IListenerSocket socket) => Volatile.Write(ref _systemDropsAtClose, socket.DroppedBySystem);

    internal UdpListenerStatistics ToStatistics(IListenerSocket socket) => new()
    {
        Received = Received.Value,
        Delivered = Delivered.Value,
        Acknowledged = Acknowledged.Value,
        Dropped = Dropped.Value + SystemDrops(socket),
        Denied = Denied.Value,
        SuppressedAcks = SuppressedAcks.Value,
        Duplicates = Duplicates.Value,
        Errors = Errors.Value,
    };

    private long SystemDrops(IListenerSocket socket)
    {
        long atClose = Volatile.Read(ref _systemDropsAtClose);
        if (atClose >= 0)
        {
            return atClose;
        }

        try
        {
            return socket.DroppedBySystem;
        }
        catch (ObjectDisposedException)
        {
            // Closed in between; the last count was kept first.
            return Math.Max(0, Volatile.Read(ref _systemDropsAtClose));
        }
    }

    internal sealed class Counter
    {
        private long _value;

        internal long Value => Interlocked.Read(ref _value);

        internal void Increment() => Interlocked.Increment(ref _value);

        internal void Add(long count) => Interlocked.Add(ref _value, count);
    }
}
