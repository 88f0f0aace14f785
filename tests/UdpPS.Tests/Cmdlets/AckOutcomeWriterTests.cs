using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using UdpPS.Commands;
using UdpPS.Listening;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Cmdlets;

/// <summary>What a listener says of an ack, by what became of it.</summary>
public sealed class AckOutcomeWriterTests
{
    private readonly List<string> _verbose = [];
    private readonly List<string> _warnings = [];
    private readonly List<ErrorRecord> _errors = [];

    [Theory]
    [InlineData("198.51.100.7:5000", 65507)]
    [InlineData("[2001:db8::7]:5000", 65527)]
    public void An_ack_that_is_too_long_is_told_with_its_length_and_what_its_family_carries(string from, int limit)
    {
        Write(from, AckSuppression.TooLong);
        ErrorRecord error = Assert.Single(_errors);
        Assert.Equal("UdpMessageTooLong", error.FullyQualifiedErrorId);
        Assert.Contains($"has 7 bytes, and one datagram carries at most {limit}.", error.ErrorDetails.Message);
        Assert.Equal("hi", Assert.IsType<UdpMessage>(error.TargetObject).Message);
    }

    [Fact]
    public void A_reply_that_is_too_large_is_told_with_both_lengths()
    {
        Write("198.51.100.7:5000", AckSuppression.TooLarge);
        ErrorRecord error = Assert.Single(_errors);
        Assert.Equal("UdpReplyTooLarge", error.FullyQualifiedErrorId);
        Assert.Contains("ack of 7 bytes to 198.51.100.7:5000 is more than three times its message of 2 bytes", error.ErrorDetails.Message);
        Assert.Equal("hi", Assert.IsType<UdpMessage>(error.TargetObject).Message);
    }

    [Fact]
    public void Of_other_acks_only_verbose_text_is_written_and_a_warning_where_a_loop_begins()
    {
        foreach (AckSuppression suppression in Enum.GetValues<AckSuppression>().Except([AckSuppression.TooLong, AckSuppression.TooLarge]))
        {
            Write("198.51.100.7:5000", suppression);
        }

        Assert.Equal(7, _verbose.Count);
        Assert.Empty(_errors);
        Assert.Empty(_warnings);
        Write("198.51.100.7:5000", AckSuppression.Loop, isNewLoop: true);
        string warning = Assert.Single(_warnings);
        Assert.StartsWith("198.51.100.7:5000 repeats 'hi' within a second of each ack", warning);
        Assert.Contains("one ack in a thousand is withheld (in 100,000 to loopback)", warning, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(8, _verbose.Count);
    }

    private void Write(string from, AckSuppression suppression, bool isNewLoop = false) =>
        new AckOutcomeWriter(_verbose.Add, _warnings.Add, _errors.Add).Write(
            new AckOutcome(Sample.Message(from, "hi"), new byte[7], IsSent: false, suppression, isNewLoop));
}
