using System;
using System.Diagnostics;

namespace UdpPS;

/// <summary>A moment on the monotonic clock, which no change of the system time moves.</summary>
internal readonly struct Deadline
{
    private readonly long _timestamp;

    private Deadline(long timestamp) => _timestamp = timestamp;

    /// <summary>A deadline that never comes.</summary>
    internal static Deadline Never => new(long.MaxValue);

    internal bool HasPassed => _timestamp != long.MaxValue && Stopwatch.GetTimestamp() >= _timestamp;

    /// <summary>
    /// Milliseconds left, rounded up so that a wait for them does not end early; 0 when it has passed, and the largest number for
    /// a deadline that never comes, and for none else.
    /// </summary>
    internal int RemainingMilliseconds
    {
        get
        {
            if (_timestamp == long.MaxValue)
            {
                return int.MaxValue;
            }

            double milliseconds = (_timestamp - Stopwatch.GetTimestamp()) * 1000.0 / Stopwatch.Frequency;
            return milliseconds <= 0 ? 0 : (int)Math.Min(int.MaxValue - 1, Math.Ceiling(milliseconds));
        }
    }

    /// <summary>Seconds left, for those who show them; 0 when it has passed.</summary>
    internal double RemainingSeconds => _timestamp == long.MaxValue
        ? double.PositiveInfinity
        : Math.Max(0, (double)(_timestamp - Stopwatch.GetTimestamp()) / Stopwatch.Frequency);

    /// <param name="timestamp">On the monotonic clock.</param>
    internal bool HasPassedAt(long timestamp) => timestamp >= _timestamp;

    /// <param name="seconds">From now. Too far away to count means never.</param>
    internal static Deadline After(double seconds)
    {
        double ticks = seconds * Stopwatch.Frequency;
        long now = Stopwatch.GetTimestamp();
        return ticks >= long.MaxValue - now ? Never : new Deadline(now + (long)ticks);
    }

    /// <summary>As <see cref="After"/>, for parameters where 0 means no limit.</summary>
    internal static Deadline AfterOrNever(double seconds) => seconds == 0 ? Never : After(seconds);

    internal static Deadline Earlier(Deadline one, Deadline other) => one._timestamp <= other._timestamp ? one : other;
}
