using System;
using System.Diagnostics;

namespace UdpPS.Benchmarks.Generating;

/// <summary>Every round trip of a run with one message in flight, in microseconds.</summary>
internal sealed class RoundTrips(long count)
{
    private readonly long[] _ticks = new long[count];

    internal long this[long number]
    {
        set => _ticks[number] = value;
    }

    /// <summary>The given share of all took at most so long.</summary>
    internal double[] Percentiles(params ReadOnlySpan<double> shares)
    {
        Array.Sort(_ticks);
        var percentiles = new double[shares.Length];
        for (int i = 0; i < shares.Length; i++)
        {
            long rank = Math.Min((long)(_ticks.LongLength * shares[i]), _ticks.LongLength - 1);
            percentiles[i] = _ticks[rank] * 1e6 / Stopwatch.Frequency;
        }

        return percentiles;
    }
}
