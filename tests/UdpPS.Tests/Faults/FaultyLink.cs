using System;
using System.Collections.Generic;
using System.Threading;

namespace UdpPS.Tests.Faults;

/// <summary>One direction of a path: decides what becomes of each datagram. The same seed decides the same.</summary>
internal sealed class FaultyLink
{
    private readonly LinkFaults _faults;
    private readonly Random _random;
    private int _dropped;
    private int _duplicated;
    private int _corrupted;
    private int _delayed;
    private int _passed;

    internal FaultyLink(LinkFaults faults, int seed)
    {
        _faults = faults;
        _random = new Random(seed);
    }

    internal int Dropped => Volatile.Read(ref _dropped);

    internal int Duplicated => Volatile.Read(ref _duplicated);

    internal int Corrupted => Volatile.Read(ref _corrupted);

    internal int Delayed => Volatile.Read(ref _delayed);

    /// <summary>Copies that arrive at the other end, at once or later.</summary>
    internal int Passed => Volatile.Read(ref _passed);

    /// <returns>The copies that arrive, and how much later each does.</returns>
    internal IEnumerable<(byte[] Payload, TimeSpan Delay)> Carry(byte[] payload)
    {
        if (Happens(_faults.Drop, ref _dropped))
        {
            yield break;
        }

        yield return Pass(payload, isLateEver: !_faults.DelaysOnlyDuplicates);
        if (Happens(_faults.Duplicate, ref _duplicated))
        {
            yield return Pass(payload, isLateEver: true);
        }
    }

    private (byte[] Payload, TimeSpan Delay) Pass(byte[] payload, bool isLateEver)
    {
        Interlocked.Increment(ref _passed);
        bool isLate = isLateEver && Happens(_faults.Delay, ref _delayed);
        TimeSpan delay = isLate ? _faults.MaximumDelay * _random.NextDouble() : TimeSpan.Zero;
        return (payload.Length > 0 && Happens(_faults.Corrupt, ref _corrupted) ? Spoil(payload) : payload, delay);
    }

    private byte[] Spoil(byte[] payload)
    {
        byte[] spoiled = (byte[])payload.Clone();
        spoiled[_random.Next(spoiled.Length)] ^= (byte)_random.Next(1, 256);
        return spoiled;
    }

    private bool Happens(double probability, ref int count)
    {
        bool happens = _random.NextDouble() < probability;
        if (happens)
        {
            Interlocked.Increment(ref count);
        }

        return happens;
    }
}
