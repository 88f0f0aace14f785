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
    }

    [Fact]
    public void One_that_has_passed_leaves_nothing()
    {
        Assert.Equal(0, Deadline.After(0).RemainingMilliseconds);
        Assert.True(Deadline.After(0).HasPassed);
        Assert.False(Deadline.Never.HasPassed);
    }
}
