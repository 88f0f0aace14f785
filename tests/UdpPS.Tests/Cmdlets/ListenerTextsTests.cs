using System;
using System.Linq;
using UdpPS.Commands;
using UdpPS.Listening;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Cmdlets;

public sealed class ListenerTextsTests
{
    [Fact]
    public void Each_reason_to_withhold_an_ack_has_a_text_of_its_own()
    {
        AckSuppression[] reasons = Enum.GetValues<AckSuppression>();
        Assert.Equal(reasons.Length, reasons.Select(TextOf).Distinct().Count());
        Assert.EndsWith("it could not be sent.", TextOf(AckSuppression.None));
    }

    [Theory]
    [InlineData("OwnAck", "is the ack itself")]
    [InlineData("OwnEndPoint", "this listener")]
    [InlineData("ReservedPort", "service on that port")]
    [InlineData("NoHost", "address of a host")]
    [InlineData("Loop", "repeats itself within a second")]
    [InlineData("TooLarge", "three times the message")]
    [InlineData("TooLong", "longer than a datagram")]
    [InlineData("RateLimit", "-MaxAcksPerSecond")]
    public void The_reason_to_withhold_an_ack_is_the_one_that_is_told(string reason, string words)
    {
        string text = TextOf(Enum.Parse<AckSuppression>(reason));
        Assert.StartsWith("No acknowledgment to 198.51.100.7:5000: ", text);
        Assert.Contains(words, text);
    }

    [Theory]
    [InlineData(0, 0, null)]
    [InlineData(3, 0, "^Datagrams dropped.*: 3\\..*-QueueLength\\.$")]
    [InlineData(0, 5, "^Messages that had arrived.*not delivered: 5\\.$")]
    [InlineData(3, 5, "^Datagrams dropped.*: 3\\..* Messages that had arrived.*not delivered: 5\\.$")]
    public void Each_kind_of_loss_is_told_with_its_number(int dropped, int left, string? expected)
    {
        string? losses = ListenerTexts.Losses(new UdpListenerStatistics { Dropped = dropped }, left);
        if (expected is null)
        {
            Assert.Null(losses);
        }
        else
        {
            Assert.Matches(expected, losses);
        }
    }

    [Fact]
    public void Each_total_is_told_with_its_own_number() => Assert.Equal(
        "1 received, 2 delivered, 3 acknowledged, 4 dropped, 5 denied, 6 duplicates, 7 acks suppressed, 8 errors",
        ListenerTexts.Totals(new UdpListenerStatistics
        {
            Received = 1,
            Delivered = 2,
            Acknowledged = 3,
            Dropped = 4,
            Denied = 5,
            Duplicates = 6,
            SuppressedAcks = 7,
            Errors = 8,
        }));

    private static string TextOf(AckSuppression reason) => ListenerTexts.Acknowledged(
        new AckOutcome(Sample.Message("198.51.100.7:5000", "hi"), [1], IsSent: false, reason, IsNewLoop: false));
}
