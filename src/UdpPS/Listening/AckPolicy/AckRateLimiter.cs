using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Net;
using System.Net.Sockets;

namespace UdpPS.Listening;

/// <summary>
/// A token bucket for each source address, an IPv4 address or an IPv6 /64: a forger can choose ports, and the lower half of
/// an IPv6 address, at will (RFC 8085 section 6).
/// </summary>
internal sealed class AckRateLimiter
{
    // Beyond these, new sources share one bucket until others have refilled: memory is bounded, and so is what leaves.
    private const int MaximumSources = 65536;
    private const double SweepSeconds = 1;

    private readonly Dictionary<ulong, Bucket> _ipv4 = new(new KeyedComparer());
    private readonly Dictionary<ulong, Bucket> _ipv6 = new(new KeyedComparer());
    private readonly double _perTick;
    private readonly double _capacity;
    private readonly Bucket _shared;
    private long _nextSweep;

    /// <param name="perSecond">Acks per second and source address; so many may leave at once, and always one.</param>
    /// <param name="timestamp">Now, on the monotonic clock.</param>
    internal AckRateLimiter(double perSecond, long timestamp)
    {
        _perTick = perSecond / Stopwatch.Frequency;
        _capacity = Math.Max(1, perSecond);
        _shared = new Bucket(_capacity, timestamp);
    }

    /// <summary>How many sources have a bucket of their own.</summary>
    internal int Sources => _ipv4.Count + _ipv6.Count;

    /// <summary>Takes a token for an ack to an address.</summary>
    /// <returns>False when there is none left for now.</returns>
    internal bool TryTake(IPAddress address, long timestamp)
    {
        bool isIPv6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        Dictionary<ulong, Bucket> buckets = isIPv6 ? _ipv6 : _ipv4;
        ulong key = KeyOf(address.GetAddressBytes());
        if (!buckets.TryGetValue(key, out Bucket? bucket))
        {
            bucket = HasRoom(timestamp) ? new Bucket(_capacity, timestamp) : _shared;
            if (!ReferenceEquals(bucket, _shared))
            {
                buckets.Add(key, bucket);
            }
        }

        return bucket.TryTake(timestamp, _perTick, _capacity);
    }

    // The whole of an IPv4 address, the upper half of an IPv6 one.
    private static ulong KeyOf(byte[] address)
    {
        ulong key = 0;
        for (int i = 0; i < Math.Min(address.Length, sizeof(ulong)); i++)
        {
            key = (key << 8) | address[i];
        }

        return key;
    }

    private bool HasRoom(long timestamp)
    {
        if (Sources >= MaximumSources && timestamp >= _nextSweep)
        {
            _nextSweep = timestamp + (long)(SweepSeconds * Stopwatch.Frequency);
            Sweep(_ipv4, timestamp);
            Sweep(_ipv6, timestamp);
        }

        return Sources < MaximumSources;
    }

    // A bucket that is full again says nothing that a new one would not.
    private void Sweep(Dictionary<ulong, Bucket> buckets, long timestamp)
    {
        ulong[] refilled = buckets
            .Where(pair => pair.Value.IsFull(timestamp, _perTick, _capacity))
            .Select(pair => pair.Key)
            .ToArray();
        foreach (ulong key in refilled)
        {
            buckets.Remove(key);
        }
    }

    private sealed class Bucket
    {
        private double _tokens;
        private long _refilledAt;

        internal Bucket(double tokens, long timestamp)
        {
            _tokens = tokens;
            _refilledAt = timestamp;
        }

        internal bool IsFull(long timestamp, double perTick, double capacity) =>
            _tokens + ((timestamp - _refilledAt) * perTick) >= capacity;

        internal bool TryTake(long timestamp, double perTick, double capacity)
        {
            _tokens = Math.Min(capacity, _tokens + ((timestamp - _refilledAt) * perTick));
            _refilledAt = timestamp;
            if (_tokens < 1)
            {
                return false;
            }

            _tokens--;
            return true;
        }
    }
}
