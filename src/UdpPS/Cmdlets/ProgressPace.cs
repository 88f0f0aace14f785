using System;

namespace UdpPS.Commands;

/// <summary>When a command shows how far it is: not in its first second, and then at most four times in each.</summary>
internal sealed class ProgressPace
{
    private const int FirstMilliseconds = 1000;
    private const int IntervalMilliseconds = 250;

    private readonly Func<int> _clock;
    private int _next;

    internal ProgressPace()
        : this(() => Environment.TickCount)
    {
    }

    /// <param name="clock">Milliseconds on a clock that only goes on, from the highest number to the lowest.</param>
    internal ProgressPace(Func<int> clock)
    {
        _clock = clock;
        _next = unchecked(clock() + FirstMilliseconds);
    }

    /// <summary>Milliseconds until something may be shown; never 0, so that who waits for it does wait.</summary>
    internal int RemainingMilliseconds => Math.Max(1, unchecked(_next - _clock()));

    /// <summary>Whether it is time. Who asks, and is told so, shows it.</summary>
    internal bool IsDue()
    {
        // Asked for every message of a flood: the system's coarse clock costs a few nanoseconds.
        int now = _clock();
        if (unchecked(now - _next) < 0)
        {
            return false;
        }

        _next = unchecked(now + IntervalMilliseconds);
        return true;
    }
}
