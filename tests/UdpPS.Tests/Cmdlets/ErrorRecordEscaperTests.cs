using System;
using System.Management.Automation;
using UdpPS.Display;
using Xunit;

namespace UdpPS.Tests.Cmdlets;

public sealed class ErrorRecordEscaperTests
{
    private const string Raw = "evil\u001B[2J";
    private const string Safe = "evil\u241B[2J";

    [Theory]
    [InlineData("id")]
    [InlineData("target")]
    [InlineData("wrapped target")]
    [InlineData("details")]
    [InlineData("remedy")]
    [InlineData("activity")]
    [InlineData("reason")]
    [InlineData("target name")]
    [InlineData("target type")]
    [InlineData("message")]
    [InlineData("inner message")]
    public void Each_part_is_escaped_and_the_others_stay(string part)
    {
        ErrorRecord escaped = ErrorRecordEscaper.Escape(Create(part, Raw));

        Assert.Equal(Describe(Create(part, Safe)), Describe(escaped));
    }

    [Fact]
    public void A_record_without_anything_to_escape_is_the_same()
    {
        ErrorRecord record = Create("message", "harmless");

        Assert.Same(record, ErrorRecordEscaper.Escape(record));
    }

    [Fact]
    public void A_record_without_details_gets_none()
    {
        var record = new ErrorRecord(new ArgumentException(Raw), "id", ErrorCategory.InvalidData, 7);

        ErrorRecord escaped = ErrorRecordEscaper.Escape(record);

        Assert.Null(escaped.ErrorDetails);
        Assert.Equal(7, escaped.TargetObject);
        Assert.Equal(nameof(ArgumentException), escaped.CategoryInfo.Reason);
    }

    private static ErrorRecord Create(string part, string text)
    {
        string Of(string name) => part == name ? text : name;
        object target = part == "wrapped target" ? PSObject.AsPSObject(text) : Of("target");
        var exception = new InvalidOperationException(Of("message"), new InvalidOperationException(Of("inner message")));
        var record = new ErrorRecord(exception, Of("id"), ErrorCategory.LimitsExceeded, target)
        {
            ErrorDetails = new ErrorDetails(Of("details")) { RecommendedAction = Of("remedy") },
        };
        record.CategoryInfo.Activity = Of("activity");
        record.CategoryInfo.Reason = Of("reason");
        record.CategoryInfo.TargetName = Of("target name");
        record.CategoryInfo.TargetType = Of("target type");
        return record;
    }

    private static string Describe(ErrorRecord error) => string.Join(
        " | ",
        error.FullyQualifiedErrorId,
        error.TargetObject,
        error.ErrorDetails.Message,
        error.ErrorDetails.RecommendedAction,
        error.CategoryInfo,
        error.CategoryInfo.TargetName,
        error.Exception.Message,
        error.Exception.InnerException!.Message);
}
