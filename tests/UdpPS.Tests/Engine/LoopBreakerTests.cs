using UdpPS.Listening;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Engine;

public sealed class LoopBreakerTests
{
    private const string Peer = "198.51.100.7:5000";

    private readonly LoopBreaker _breaker = new();

    [Theory]
    [InlineData(0.0001, 9)] // the next machine
    [InlineData(0.009, 9)]
    [InlineData(0.050, 65)] // a long path
    [InlineData(0.079, 65)]
    public void What_comes_in_step_with_the_acks_is_a_loop(double roundTrip, int acksAtMost) =>
        Assert.InRange(CountAcks(roundTrip, messages: 80), 2, acksAtMost);

    [Theory]
    [InlineData(0.1)]
    [InlineData(1)]
    public void A_heartbeat_is_no_loop(double period) => Assert.Equal(200, CountAcks(period, messages: 200));

    [Fact]
    public void What_came_before_the_last_ack_left_is_not_its_echo()
    {
        // A burst: each message is here before the one before it is acknowledged.
        for (int i = 0; i < 100; i++)
        {
            Assert.True(_breaker.Allows(Sample.Message(Peer, "burst", at: i * 0.001), Sample.Ticks((i * 0.001) + 0.005), out _));
        }
    }

    [Fact]
    public void Other_text_is_no_loop()
    {
        for (int i = 0; i < 100; i++)
        {
            Assert.True(_breaker.Allows(Sample.Message(Peer, $"message {i}", at: i * 0.001), Sample.Ticks(i * 0.001), out _));
        }
    }

    [Fact]
    public void Another_endpoint_is_not_held_responsible()
    {
        CountAcks(0.001, 50);
        Assert.True(_breaker.Allows(Sample.Message("198.51.100.7:5001", "again", at: 0.1), Sample.Ticks(0.1), out _));
    }

    [Fact]
    public void A_pause_ends()
    {
        CountAcks(0.001, 50);
        Assert.False(_breaker.Allows(Sample.Message(Peer, "again", at: 1), Sample.Ticks(1), out _));
        Assert.True(_breaker.Allows(Sample.Message(Peer, "again", at: 60), Sample.Ticks(60), out _));
    }

    private int CountAcks(double roundTrip, int messages)
    {
        int acks = 0;
        for (int i = 0; i < messages; i++)
        {
            double now = i * roundTrip;
            acks += _breaker.Allows(Sample.Message(Peer, "again", at: now), Sample.Ticks(now), out _) ? 1 : 0;
        }

        return acks;
    }
}
