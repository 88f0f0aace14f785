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

    private static string TextOf(AckSuppression reason) => ListenerTexts.Acknowledged(
        new AckOutcome(Sample.Message("198.51.100.7:5000", "hi"), [1], IsSent: false, reason, IsNewLoop: false));
}
