using System;
using UdpPS.Sending;
using Xunit;

namespace UdpPS.Tests.Engine;

public sealed class RetryScheduleTests
{
    [Fact]
    public void Each_wait_is_two_to_three_times_the_one_before()
    {
        var schedule = new RetrySchedule(2, 4, new Random(1));
        double smallest = double.MaxValue;
        double largest = 0;
        for (int i = 0; i < 10_000; i++)
        {
            double factor = schedule.NextWait(7) / 7;
            smallest = Math.Min(smallest, factor);
            largest = Math.Max(largest, factor);
        }

        Assert.InRange(smallest, 2, 2.01);
        Assert.InRange(largest, 2.99, 3);
    }

    [Theory]
    [InlineData(0, 1, false)]
    [InlineData(1, 1, true)]
    [InlineData(1, 2, false)]
    [InlineData(4, 4, true)]
    [InlineData(4, 5, false)]
    public void There_are_as_many_retries_as_asked_for(int maximum, int waits, bool expected) =>
        Assert.Equal(expected, new RetrySchedule(2, maximum, new Random(1)).AllowsRetry(waits));

    [Fact]
    public void After_a_wait_without_limit_there_is_no_retry()
    {
        var schedule = new RetrySchedule(0, 3, new Random(1));
        Assert.False(schedule.AllowsRetry(1));
        Assert.Equal(1, schedule.MaximumAttempts);
        Assert.Equal(4, new RetrySchedule(2, 3, new Random(1)).MaximumAttempts);
    }
}
