using System.Buffers.Binary;
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
    [InlineData("198.51.100.7", "198.51.101.7", false)]
    [InlineData("198.51.100.7", "0:0:c633:6407::1", false)]
    [InlineData("2001:db8::1", "2001:db8::ffff:1", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1", false)]
    public void A_source_is_an_IPv4_address_or_the_upper_half_of_an_IPv6_address(string one, string other, bool isShared)
    {
        var limiter = new AckRateLimiter(1, timestamp: 0);
        Assert.Equal(1, CountTaken(limiter, one, at: 0, tries: 5));
        Assert.Equal(isShared ? 0 : 1, CountTaken(limiter, other, at: 0, tries: 5));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_flood_of_sources_takes_bounded_memory_and_no_more_acks_than_there_is_room_for(bool isIPv6)
    {
        const int Room = 65536;
        var limiter = new AckRateLimiter(1, timestamp: 0);
        int taken = 0;
        for (int i = 0; i < Room + 1000; i++)
        {
            taken += limiter.TryTake(AddressOf(i, isIPv6), 0) ? 1 : 0;
        }

        // The others share one bucket.
        Assert.Equal(Room, limiter.Sources);
        Assert.Equal(Room + 1, taken);

        // Once their buckets have refilled, they make room for others.
        Assert.Equal(1, CountTaken(limiter, "203.0.113.1", at: 60, tries: 5));
        Assert.Equal(1, limiter.Sources);
    }

    [Fact]
    public void A_source_that_has_not_refilled_keeps_its_bucket_when_others_make_room()
    {
        var limiter = new AckRateLimiter(1, timestamp: 0);
        for (int i = 0; i < 65536; i++)
        {
            limiter.TryTake(AddressOf(i, isIPv6: false), i == 5 ? Sample.Ticks(60) : 0);
        }

        Assert.Equal(1, CountTaken(limiter, "203.0.113.1", at: 60.5, tries: 5));
        Assert.Equal(2, limiter.Sources);
        Assert.False(limiter.TryTake(AddressOf(5, isIPv6: false), Sample.Ticks(60.5)));
    }

    // A look costs the more the more sources there are, and a flood brings many new ones a second.
    [Fact]
    public void Room_is_looked_for_once_a_second()
    {
        var limiter = new AckRateLimiter(10, timestamp: 0);
        for (int i = 0; i < 65536; i++)
        {
            limiter.TryTake(AddressOf(i, isIPv6: false), 0);
        }

        // There is none yet, though all have refilled after a tenth of a second.
        CountTaken(limiter, "203.0.113.1", at: 0, tries: 1);
        CountTaken(limiter, "203.0.113.1", at: 0.9, tries: 1);
        Assert.Equal(65536, limiter.Sources);
        CountTaken(limiter, "203.0.113.1", at: 1.1, tries: 1);
        Assert.Equal(1, limiter.Sources);
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

    // Of IPv6 the upper half tells one from the other.
    private static IPAddress AddressOf(int number, bool isIPv6)
    {
        byte[] address = new byte[isIPv6 ? 16 : 4];
        BinaryPrimitives.WriteInt32BigEndian(address, 0x20_000000 + number);
        return new IPAddress(address);
    }
}
