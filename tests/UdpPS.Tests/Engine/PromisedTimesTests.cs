using System;
using System.Reflection;
using UdpPS.Sending;
using UdpPS.Sockets;
using Xunit;

namespace UdpPS.Tests.Engine;

/// <summary>Times that the help promises, and that are too long to be waited for.</summary>
public sealed class PromisedTimesTests
{
    // RFC 8085, section 3.3
    [Fact]
    public void A_late_reply_may_come_within_two_minutes() => Assert.Equal(120, FixedPort.LatestReplySeconds);

    [Fact]
    public void An_ack_may_be_asked_for_within_five_minutes() => Assert.Equal(TimeSpan.FromMinutes(5), UnclaimedExchanges.Lifetime);

    [Fact]
    public void A_sender_without_acks_waits_for_room_for_less_than_half_a_second() => Assert.InRange(
        (double)typeof(OneWaySender).GetField("PatienceSeconds", BindingFlags.Static | BindingFlags.NonPublic)!.GetRawConstantValue()!,
        0.2,
        0.5);

    [Fact]
    public void What_a_name_server_said_counts_for_half_a_minute() => Assert.Equal(30, NameTable.LifetimeSeconds);

    [Fact]
    public void Names_are_looked_up_64_at_a_time_and_each_for_five_seconds() =>
        Assert.Equal((64, 5), (NameTable.MaximumLookUps, NameTable.LimitSeconds));
}
