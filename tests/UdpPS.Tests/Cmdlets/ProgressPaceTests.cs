using UdpPS.Commands;
using Xunit;

namespace UdpPS.Tests.Cmdlets;

public sealed class ProgressPaceTests
{
    private int _now;

    [Theory]
    [InlineData(0)]
    [InlineData(int.MaxValue - 500)]
    [InlineData(int.MaxValue - 1100)]
    [InlineData(-700)]
    public void Nothing_is_due_in_the_first_second_and_then_four_times_in_each(int begin)
    {
        ProgressPace pace = Begin(begin);
        int due = 0;
        for (int passed = 0; passed < 4000; passed++)
        {
            _now = unchecked(begin + passed);
            bool isDue = pace.IsDue();
            Assert.False(isDue && passed < 1000, $"due after {passed} ms");
            due += isDue ? 1 : 0;
        }

        Assert.Equal(12, due);
    }

    [Fact]
    public void What_was_missed_is_not_made_up_for()
    {
        ProgressPace pace = Begin(0);
        _now = 60_000;
        Assert.True(pace.IsDue());
        Assert.False(pace.IsDue());
        _now += 249;
        Assert.False(pace.IsDue());
        _now++;
        Assert.True(pace.IsDue());
    }

    [Fact]
    public void It_tells_how_long_to_wait_which_is_never_no_time()
    {
        ProgressPace pace = Begin(int.MaxValue - 10);
        Assert.Equal(1000, pace.RemainingMilliseconds);
        _now = unchecked(_now + 999);
        Assert.Equal(1, pace.RemainingMilliseconds);
        _now += 100;
        Assert.Equal(1, pace.RemainingMilliseconds);
        Assert.True(pace.IsDue());
        Assert.Equal(250, pace.RemainingMilliseconds);
    }

    private ProgressPace Begin(int now)
    {
        _now = now;
        return new ProgressPace(() => _now);
    }
}
