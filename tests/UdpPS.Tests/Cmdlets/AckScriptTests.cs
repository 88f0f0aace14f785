using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Text;
using UdpPS.AckScripts;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Cmdlets;

/// <summary>What becomes of an -AckScript, and of what it outputs.</summary>
public sealed class AckScriptTests : IDisposable
{
    private readonly Session _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void One_text_or_one_datagram_is_an_ack()
    {
        Assert.Null(ToAck());
        Assert.Null(ToAck([null]));
        Assert.Equal([0xE9], ToAck("é"));
        Assert.Equal([0x6F, 0x6B], ToAck(null, "ok", null));
        Assert.Empty(ToAck("")!);
        Assert.Equal([0, 255], ToAck(new byte[] { 0, 255 }));
        Assert.Equal([1, 2, 3], ToAck((byte)1, null, (byte)2, (byte)3));
    }

    [Theory]
    [InlineData("it output a Int32, which is neither text nor bytes.", 42)]
    [InlineData("it output 3 objects, and an ack is one.", "a", "b", "c")]
    [InlineData("it output 2 objects, and an ack is one.", (byte)1, 2)]
    [InlineData("it output 2 objects, and an ack is one.", "a", (byte)1)]
    public void What_else_is_output_is_told(string reason, params object[] output) =>
        Assert.Equal(reason, Assert.Throws<AckScriptException>(() => ToAck(output)).Message);

    [Fact]
    public void A_text_that_the_encoding_does_not_have_is_told_with_the_encoding()
    {
        Encoding strict = Encoding.GetEncoding("us-ascii", EncoderFallback.ExceptionFallback, DecoderFallback.ReplacementFallback);
        var error = Assert.Throws<AckScriptException>(() => AckScriptOutput.ToAck([PSObject.AsPSObject("é")], strict));
        Assert.StartsWith("it output text that us-ascii does not have. ", error.Message);
        Assert.EndsWith(Assert.IsType<EncoderFallbackException>(error.InnerException).Message, error.Message);
    }

    [Fact]
    public void A_failure_of_the_script_is_told_with_its_cause_and_is_no_ack()
    {
        var cause = new FormatException("It broke");
        var message = new UdpMessage("hi", "192.0.2.7", 5000);
        var errors = new List<ErrorRecord>();
        using var acks = new AckFactory([1], new FailingScript(cause));
        Assert.False(acks.TryCreate(message, errors.Add, out _));
        ErrorRecord error = Assert.Single(errors);
        Assert.Equal("-AckScript made no ack for 192.0.2.7:5000: it failed: It broke. The message was not acknowledged.", error.Exception.Message);
        Assert.Same(cause, error.Exception.InnerException);
        Assert.Same(message, error.TargetObject);
    }

    [Theory]
    [InlineData("$using:word", "${__using_word}", "word")]
    [InlineData("a \"$using:word b\" ${using:word}.Length $using:word", "a \"${__using_word} b\" ${__using_word}.Length ${__using_word}", "word")]
    [InlineData("f @using:list; $using:list[1]", "f @__using_list; ${__using_list}[1]", "list")]
    [InlineData("$using:empty; & { { $using:word } }", "${__using_empty}; & { { ${__using_word} } }", "empty", "word")]
    [InlineData("$using:global:word", "${__using_global__word}", "global__word")]
    [InlineData("\"$($using:word)$($using:list.Length)\"", "\"$(${__using_word})$(${__using_list}.Length)\"", "list", "word")]
    [InlineData("'nothing'", "'nothing'")]
    public void Each_variable_of_the_caller_is_replaced_by_a_copy(string script, string expected, params string[] copies)
    {
        SessionState session = CallersSession("$global:word = 'w'; $list = 1, 2; $empty = $null");
        var values = new Dictionary<string, object?> { ["word"] = "w", ["global__word"] = "w", ["list"] = new object[] { 1, 2 }, ["empty"] = null };

        UsingScript made = UsingScript.Create(ScriptBlock.Create(script), session);
        Assert.Equal(expected, made.Body);
        Assert.Equal(copies.Select(name => "__using_" + name), made.Values.Keys.Order(StringComparer.Ordinal));
        Assert.All(copies, name => Assert.Equal(values[name], made.Values["__using_" + name]));
    }

    // Its text is without the head of a function, or its braces, and begins at another place than its syntax tree.
    [Theory]
    [InlineData("function Get-Answer { \"re: $using:word\" }; ${function:Get-Answer}", " \"re: ${__using_word}\" ")]
    [InlineData("'some text before'; { $using:word; 'and behind' }", " ${__using_word}; 'and behind' ")]
    public void A_variable_is_found_in_a_script_from_wherever(string script, string expected)
    {
        SessionState session = CallersSession("$global:word = 'w'");
        var block = (ScriptBlock)_session.Run(script)[^1].BaseObject;
        Assert.Equal(expected.Trim(), UsingScript.Create(block, session).Body.Trim());
    }

    private SessionState CallersSession(string before)
    {
        using PowerShell powerShell = _session.Create($"{before}; $ExecutionContext.SessionState");
        return (SessionState)powerShell.Invoke().Single().BaseObject;
    }

    private static byte[]? ToAck(params object?[] output) =>
        AckScriptOutput.ToAck([.. output.Select(value => value is null ? null! : PSObject.AsPSObject(value))], Encoding.Latin1);

    private sealed class FailingScript(Exception cause) : IAckScript
    {
        public bool TryCreateAck(UdpMessage message, Action<ErrorRecord> writeError, out byte[]? ack) =>
            throw AckScriptOutput.Failure(cause);

        public void BeginStop()
        {
        }

        public void Dispose()
        {
        }
    }
}
