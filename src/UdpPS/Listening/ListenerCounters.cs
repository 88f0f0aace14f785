using System;
using System.Threading;
using UdpPS.Sockets;

namespace UdpPS.Listening;

/// <summary>A listener's counts, written by its threads and read by any.</summary>
internal sealed class ListenerCounters
{
    private long _systemDropsAtClose = -1;

    internal Counter Received { get; } = new();

    internal Counter Delivered { get; } = new();

    internal Counter Acknowledged { get; } = new();

    internal Counter Dropped { get; } = new();

    internal Counter Denied { get; } = new();

    internal Counter SuppressedAcks { get; } = new();

    internal Counter Duplicates { get; } = new();

    internal Counter Errors { get; } = new();

    /// <summary>Reads the system's own count for the last time, before the socket is closed.</summary>
    internal void KeepSystemDrops(IDatagramSocket socket) => Volatile.Write(ref _systemDropsAtClose, socket.DroppedBySystem);

    internal UdpListenerStatistics ToStatistics(IDatagramSocket socket) => new()
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

    private long SystemDrops(IDatagramSocket socket)
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
