using System.Diagnostics;
using Xunit;

namespace UdpPS.Tests.Engine;

public sealed class DeadlineTests
{
    [Fact]
    public void Only_one_that_never_comes_leaves_all_the_milliseconds_there_are()
    {
        const double ThirtyYears = 1e9;
        Assert.Equal(int.MaxValue, Deadline.Never.RemainingMilliseconds);
        Assert.Equal(int.MaxValue, Deadline.AfterOrNever(0).RemainingMilliseconds);
        Assert.Equal(int.MaxValue - 1, Deadline.After(ThirtyYears).RemainingMilliseconds);
        Assert.False(Deadline.After(ThirtyYears).HasPassed);
    }

    // More ticks than the clock can count.
    [Theory]
    [InlineData(1e13)]
    [InlineData(1e300)]
    public void One_that_is_too_far_away_to_count_never_comes(double seconds)
    {
        foreach (Deadline deadline in new[] { Deadline.After(seconds), Deadline.AfterOrNever(seconds) })
        {
            Assert.False(deadline.HasPassed);
            Assert.Equal(int.MaxValue, deadline.RemainingMilliseconds);
            Assert.Equal(double.PositiveInfinity, deadline.RemainingSeconds);
        }
    }

    [Fact]
    public void One_that_has_passed_leaves_nothing()
    {
        Assert.Equal(0, Deadline.After(0).RemainingMilliseconds);
        Assert.True(Deadline.After(0).HasPassed);
        Assert.False(Deadline.Never.HasPassed);
        Assert.Equal(0, Deadline.After(0).RemainingSeconds);
    }

    [Fact]
    public void What_it_leaves_is_in_the_unit_of_its_name()
    {
        var deadline = Deadline.After(1000);
        Assert.InRange(deadline.RemainingMilliseconds, 900_000, 1_000_000);
        Assert.InRange(deadline.RemainingSeconds, 900, 1000);
    }

    [Fact]
    public void A_wait_for_what_it_leaves_does_not_end_early()
    {
        var deadline = Deadline.After(0.0205);
        while (deadline.RemainingMilliseconds > 0)
        {
        }

        Assert.True(deadline.HasPassed);
    }

    [Fact]
    public void It_has_passed_at_a_moment_that_is_no_earlier()
    {
        long now = Stopwatch.GetTimestamp();
        var deadline = Deadline.After(1000);
        Assert.False(deadline.HasPassedAt(now));
        Assert.False(deadline.HasPassedAt(now + (999 * Stopwatch.Frequency)));
        Assert.True(deadline.HasPassedAt(now + (2000 * Stopwatch.Frequency)));
        Assert.False(Deadline.Never.HasPassedAt(long.MaxValue - 1));
    }

    [Fact]
    public void Of_two_the_earlier_is_the_one_that_leaves_less()
    {
        var near = Deadline.After(100);
        var far = Deadline.After(1000);
        Assert.InRange(Deadline.Earlier(near, far).RemainingSeconds, 0, 100);
        Assert.InRange(Deadline.Earlier(far, near).RemainingSeconds, 0, 100);
        Assert.InRange(Deadline.Earlier(Deadline.Never, near).RemainingSeconds, 0, 100);
    }
}
