using System;
using System.Collections.Generic;
using System.Linq;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Faults;

/// <summary>A script that cannot bear some messages, and a loop around it that starts the listener again.</summary>
public sealed class ThrowingPipelineTests : IDisposable
{
    private const int Messages = 60;

    private readonly Session _receiving = new();
    private readonly Session _sending = new();

    public void Dispose()
    {
        _sending.Dispose();
        _receiving.Dispose();
    }

    [Fact]
    public void Exactly_the_messages_that_made_it_throw_are_not_acknowledged()
    {
        int port = LastingPort.Find();
        _receiving["port"] = port;
        using var listener = new RunningListener(_receiving, """
            for ($start = 1; $start -le 1000; $start++) {
                try {
                    Start-UdpListener -Port $port | ForEach-Object {
                        if ($_.Message % 10 -eq 0) { throw 'one of ten' }
                        $_
                    }
                }
                catch { "$_" }
            }
            """);

        // One after the other, because what waits behind the message that ends the listener is lost with it. The others may
        // meet the listener between two lives, and are sent again.
        _sending["port"] = port;
        _sending["messages"] = Messages;
        var sent = _sending.Run<UdpSentMessage>("""
            1..$messages | ForEach-Object {
                $retries = if ($_ % 10) { 8 } else { 1 }
                Send-UdpMessage 127.0.0.1 $port $_ | Receive-UdpAck -PassThru -TimeoutSeconds 0.1 -MaximumRetryCount $retries
            }
            """);
        Assert.Equal(Messages, sent.Count);
        Assert.All(sent, message => Assert.Equal(!IsThrownAt(message.Message), message.Status == UdpSendStatus.Acknowledged));

        listener.Stop();
        listener.WaitForEnd();
        IEnumerable<string> others = Enumerable.Range(1, Messages).Select(i => $"{i}").Where(text => !IsThrownAt(text));
        Assert.Equal(others, listener.Messages.Select(message => message.Message).Distinct());
        var errors = listener.Output.Select(value => value.BaseObject).OfType<string>().ToList();
        Assert.All(errors, error => Assert.Equal("one of ten", error));
        Assert.InRange(errors.Count, Messages / 10, Messages / 10 * 2);
    }

    private static bool IsThrownAt(string text) => text.EndsWith('0');
}
