using System;
using System.Diagnostics;

namespace UdpPS.Sending;

/// <summary>
/// Says when answers came that are read only now: by when nothing had come yet, and by the system, where it tells. Not for
/// two threads at once.
/// </summary>
internal sealed class ArrivalTiming
{
    // An answer found after a longer time without a look tells when it was found, not when it came.
    private static readonly long WatchGapTicks = Stopwatch.Frequency / 1000;

    // And after a shorter one, the system need not be asked when it came.
    private static readonly long PromptTicks = Stopwatch.Frequency / 10_000;

    private long _silentUntil;

    /// <summary>Notes that nothing had come yet.</summary>
    /// <param name="until">At that time, on the monotonic clock.</param>
    internal void NoteSilence(long until) => _silentUntil = Math.Max(_silentUntil, until);

    /// <summary>When an answer came, on the monotonic clock.</summary>
    /// <param name="link">What it was just taken from.</param>
    /// <param name="waitedSince">When the wait for it began: had it been there then, that would not have been one.</param>
    /// <param name="isKnown">False when the result is the time it was found at.</param>
    internal long Find(PeerLink link, long waitedSince, out bool isKnown)
    {
        long gap = waitedSince - _silentUntil;
        long told = gap < PromptTicks ? 0 : link.AskArrivalOfLast();

        // What the system tells is by the wall clock. If that was set meanwhile, the answer may seem older than the silence.
        if (told >= _silentUntil && told != 0)
        {
            isKnown = true;
            return told;
        }

        isKnown = gap < WatchGapTicks;
        return Stopwatch.GetTimestamp();
    }
}
