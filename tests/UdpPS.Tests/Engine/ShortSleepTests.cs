using System;
using System.Diagnostics;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Engine;

public sealed class ShortSleepTests
{
    [Fact]
    public void It_lasts_as_long_as_is_asked()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such pauses.");
        TimeSpan slept = TimeSpan.Zero;

        // A signal may end one early.
        Until.True(
            () =>
            {
                long start = Stopwatch.GetTimestamp();
                ShortSleep.ForMicroseconds(20_000);
                slept = Stopwatch.GetElapsedTime(start);
                return slept.TotalMilliseconds >= 20;
            },
            "it has lasted 20 ms");
        Assert.InRange(slept.TotalSeconds, 0, 10);
    }
}
