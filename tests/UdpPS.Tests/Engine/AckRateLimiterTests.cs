using System.Net;
using UdpPS.Listening;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Engine;

public sealed class AckRateLimiterTests
{
    [Fact]
    public void A_source_has_a_second_of_acks_at_once_and_then_its_rate()
    {
        var limiter = new AckRateLimiter(10, timestamp: 0);
        Assert.Equal(10, CountTaken(limiter, "198.51.100.7", at: 0, tries: 100));
        Assert.Equal(0, CountTaken(limiter, "198.51.100.7", at: 0.09, tries: 100));
        Assert.Equal(5, CountTaken(limiter, "198.51.100.7", at: 0.55, tries: 100));
        Assert.Equal(10, CountTaken(limiter, "198.51.100.7", at: 100, tries: 100));
    }

    [Fact]
    public void Less_than_one_a_second_is_one_now_and_then()
    {
        var limiter = new AckRateLimiter(0.1, timestamp: 0);
        Assert.Equal(1, CountTaken(limiter, "198.51.100.7", at: 0, tries: 10));
        Assert.Equal(0, CountTaken(limiter, "198.51.100.7", at: 9, tries: 10));
        Assert.Equal(1, CountTaken(limiter, "198.51.100.7", at: 11, tries: 10));
    }

    [Theory]
    [InlineData("198.51.100.7", "198.51.100.8", false)]
    [InlineData("2001:db8::1", "2001:db8::ffff:1", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1", false)]
    public void IPv6_counts_by_its_upper_half(string one, string other, bool isShared)
    {
        var limiter = new AckRateLimiter(1, timestamp: 0);
        Assert.Equal(1, CountTaken(limiter, one, at: 0, tries: 5));
        Assert.Equal(isShared ? 0 : 1, CountTaken(limiter, other, at: 0, tries: 5));
    }

    [Fact]
    public void A_million_sources_take_bounded_memory_and_no_more_acks_than_there_is_room_for()
    {
        var limiter = new AckRateLimiter(1, timestamp: 0);
        int taken = 0;
        for (int i = 0; i < 1_000_000; i++)
        {
            taken += limiter.TryTake(new IPAddress(i * 256L + 10), 0) ? 1 : 0;
        }

        Assert.InRange(limiter.Sources, 1, 65536);
        Assert.InRange(taken, limiter.Sources, limiter.Sources + 1);

        // Once their buckets have refilled, they make room for others.
        Assert.Equal(1, CountTaken(limiter, "203.0.113.1", at: 60, tries: 5));
        Assert.InRange(limiter.Sources, 1, 2);
    }

    private static int CountTaken(AckRateLimiter limiter, string address, double at, int tries)
    {
        int taken = 0;
        for (int i = 0; i < tries; i++)
        {
            taken += limiter.TryTake(IPAddress.Parse(address), Sample.Ticks(at)) ? 1 : 0;
        }

        return taken;
    }
}
