using System.Collections.Generic;
using System.Diagnostics;

namespace UdpPS.Listening;

/// <summary>
/// Recognizes a datagram that repeats one that was handled: the same bytes from the same endpoint within a window. Empty
/// datagrams are never duplicates: they carry nothing to know them by. Not thread-safe.
/// </summary>
internal sealed class DuplicateFilter
{
    // What is remembered is bounded: beyond this the oldest is forgotten before its time.
    private const int MaximumMessages = 65536;
    private const long MaximumBytes = 64 * 1024 * 1024;

    private readonly Dictionary<UdpMessage, UdpMessage> _known = new(new SameOriginAndBytes());
    private readonly Queue<UdpMessage> _byAge = new();
    private readonly double _windowTicks;
    private long _bytes;

    /// <param name="windowSeconds">How long a message is remembered.</param>
    internal DuplicateFilter(double windowSeconds) => _windowTicks = windowSeconds * Stopwatch.Frequency;

    /// <summary>How many messages are remembered.</summary>
    internal int Count => _byAge.Count;

    /// <returns>The message that this one repeats; null when it is new.</returns>
    internal UdpMessage? Find(UdpMessage message)
    {
        while (_byAge.Count > 0 && message.ReceivedTimestamp - _byAge.Peek().ReceivedTimestamp > _windowTicks)
        {
            ForgetOldest();
        }

        return message.Length > 0 && _known.TryGetValue(message, out UdpMessage? original) ? original : null;
    }

    /// <summary>
    /// Remembers a message that <see cref="Find"/> did not know, once it has been handled: what was dropped, or whose handling
    /// failed, is handled again when it comes again. Its ack is known by then, and does not change.
    /// </summary>
    internal void Remember(UdpMessage message)
    {
        if (message.Length == 0)
        {
            return;
        }

        _known.Add(message, message);
        _byAge.Enqueue(message);
        _bytes += SizeOf(message);
        while (_byAge.Count > MaximumMessages || _bytes > MaximumBytes)
        {
            ForgetOldest();
        }
    }

    private void ForgetOldest()
    {
        UdpMessage oldest = _byAge.Dequeue();
        _known.Remove(oldest);
        _bytes -= SizeOf(oldest);
    }

    // Its ack is kept with it, and may be the longer of the two.
    private static long SizeOf(UdpMessage message) => message.Length + (message.Ack?.Length ?? 0);

    /// <summary>The same bytes from the same endpoint to the same address.</summary>
    internal sealed class SameOriginAndBytes : IEqualityComparer<UdpMessage>
    {
        private readonly KeyedHash _hash = new();

        public bool Equals(UdpMessage? one, UdpMessage? other) =>
            one is not null && other is not null
            && one.RemoteEndPoint.Equals(other.RemoteEndPoint)
            && one.LocalIPAddress.Equals(other.LocalIPAddress)
            && one.Bytes.SequenceIs(other.Bytes);

        public int GetHashCode(UdpMessage message)
        {
            ulong hash = _hash.Compute(message.Bytes) ^ _hash.Compute(message.RemoteEndPoint);
            return unchecked((int)(hash ^ (hash >> 32)));
        }
    }
}
