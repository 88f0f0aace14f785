using System.Collections.Generic;
using System.Linq;
using UdpPS.Listening;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Engine;

public sealed class LoopRuleTests
{
    private const string Peer = "198.51.100.7:5000";

    private readonly LoopRule _rule = new();
    private double _now = 100;
    private int _warnings;

    [Theory]
    [InlineData(Peer, 1_000)]
    [InlineData("127.0.0.1:5000", 100_000)]
    [InlineData("[::1]:5000", 100_000)]
    [InlineData("[2001:db8::7]:5000", 1_000)]
    public void Of_the_acks_in_a_row_in_step_one_in_so_many_is_withheld_with_one_warning(string peer, int between)
    {
        // The first message is a reply to no ack, so the row begins with the second.
        Assert.Equal([between, 2 * between], Withheld(Enumerable.Repeat("again", (2 * between) + 1), 0.0001, peer));
        Assert.Equal(1, _warnings);
    }

    [Theory]
    [InlineData(0.999, 1)]
    [InlineData(1.001, 0)]
    public void In_step_is_within_a_second_of_the_ack(double period, int withheld) =>
        Assert.Equal(withheld, Withheld(Enumerable.Repeat("again", 1500), period).Count);

    [Fact]
    public void What_came_before_the_last_ack_left_counts_too_since_several_datagrams_may_loop()
    {
        int withheld = 0;
        for (int i = 0; i < 1500; i++)
        {
            withheld += Allows("burst", receivedAt: _now, ackAt: _now + 0.5) ? 0 : 1;
            _now += 0.001;
        }

        Assert.Equal(1, withheld);
    }

    [Fact]
    public void A_pause_ends_the_row()
    {
        Assert.Empty(Withheld(Enumerable.Repeat("again", 1000), 0.0001));
        _now += 2;
        Assert.Empty(Withheld(Enumerable.Repeat("again", 1000), 0.0001));
    }

    [Fact]
    public void Another_payload_begins_another_row()
    {
        IEnumerable<string> messages = Enumerable.Repeat("one", 999).Append("two").Concat(Enumerable.Repeat("one", 999));
        Assert.Empty(Withheld(messages, 0.0001));
    }

    [Fact]
    public void Payloads_that_alternate_are_not_seen_as_a_loop() =>
        Assert.Empty(Withheld(Enumerable.Range(0, 3000).Select(i => i % 2 == 0 ? "one" : "two"), 0.0001));

    [Fact]
    public void A_loop_of_another_payload_is_warned_of_too()
    {
        Withheld(Enumerable.Repeat("one", 1001), 0.0001);
        Withheld(Enumerable.Repeat("two", 1001), 0.0001);
        Assert.Equal(2, _warnings);
    }

    [Fact]
    public void Another_endpoint_has_a_row_of_its_own()
    {
        Withheld(Enumerable.Repeat("again", 1000), 0.0001);
        Assert.Empty(Withheld(Enumerable.Repeat("again", 1000), 0.0001, "198.51.100.7:5001"));
        Assert.Empty(Withheld(Enumerable.Repeat("again", 1000), 0.0001, "198.51.100.8:5000"));
        Assert.Equal([0], Withheld(["again"], 0.0001));
    }

    [Fact]
    public void A_client_that_tries_again_gets_its_ack_and_begins_a_new_row()
    {
        Assert.Single(Withheld(Enumerable.Repeat("again", 1001), 0.0001));
        _now += 2;
        Assert.Empty(Withheld(Enumerable.Repeat("again", 1000), 0.0001));
    }

    [Fact]
    public void An_endpoint_is_known_amid_others()
    {
        int withheld = 0;
        for (int i = 0; i < 1001; i++)
        {
            withheld += Withheld(["again"], 0.0001).Count;

            // So many that each place is taken again and again, though never all of a set within one round.
            for (int other = 0; other < 50; other++)
            {
                _ = Withheld(["hello"], 0.000001, $"203.0.113.{other}:{5000 + i}");
            }
        }

        Assert.Equal(1, withheld);
    }

    /// <summary>Sends messages at a steady pace, and acknowledges each at once.</summary>
    /// <returns>The positions of those whose ack is withheld.</returns>
    private List<int> Withheld(IEnumerable<string> messages, double period, string peer = Peer)
    {
        var positions = new List<int>();
        int position = 0;
        foreach (string message in messages)
        {
            if (!Allows(message, _now, _now, peer))
            {
                positions.Add(position);
            }

            position++;
            _now += period;
        }

        return positions;
    }

    private bool Allows(string text, double receivedAt, double ackAt, string peer = Peer)
    {
        bool isAllowed = _rule.Allows(Sample.Message(peer, text, receivedAt), Sample.Ticks(ackAt), out bool isNew);
        _warnings += isNew ? 1 : 0;
        Assert.False(isNew && isAllowed);
        return isAllowed;
    }
}
