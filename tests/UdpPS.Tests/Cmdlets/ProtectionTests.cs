using System;
using System.Linq;
using System.Management.Automation;
using System.Net;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Cmdlets;

/// <summary>What protects a listener, as its user sees it. The rules themselves are tested on the engine.</summary>
public sealed class ProtectionTests : IDisposable
{
    private readonly Session _session = new();
    private readonly RawSocket _peer = new();

    public void Dispose()
    {
        _peer.Dispose();
        _session.Dispose();
    }

    [Fact]
    public void A_message_that_is_the_ack_comes_out_is_not_answered_and_is_told()
    {
        using RunningListener listener = Listen("-Count 2 -Verbose");
        _peer.SendTo(listener.Port, "Message received");
        _peer.SendTo(listener.Port, "something else");
        Assert.Equal("Message received", _peer.Receive());
        Assert.Null(listener.WaitForEnd());
        Assert.Equal(2, listener.Messages.Count());
        Assert.False(_peer.HasMore);
        Assert.Contains(
            $"No acknowledgment to 127.0.0.1:{_peer.Port}: the message is the ack itself.",
            listener.Streams.Verbose.Select(record => record.Message));
        Assert.Contains("1 acks suppressed", listener.Streams.Verbose.Last().Message);
    }

    [Fact]
    public void The_rate_of_acks_to_an_address_is_limited_whatever_the_port()
    {
        UdpListenerJob job = _session.StartJob("-MaxAcksPerSecond 0.001");
        using var other = new RawSocket();
        _peer.SendTo(job.LocalPort, "a");
        Assert.Equal("Message received", _peer.Receive());
        other.SendTo(job.LocalPort, "b");
        Until.True(() => job.Statistics.SuppressedAcks == 1, "the second ack is held back");
        Assert.False(other.HasMore);
        Assert.Equal(2, job.Statistics.Delivered);
        Until.True(() => job.Statistics.Acknowledged == 1, "the first ack is counted");
    }

    [Fact]
    public void A_duplicate_is_acknowledged_again_and_comes_out_once()
    {
        UdpListenerJob job = _session.StartJob("-DuplicateWindowSeconds 60 -AckScript { \"ack $($_.Sequence)\" }");
        using var other = new RawSocket();
        foreach (string text in new[] { "a", "a", "b", "a", "", "" })
        {
            _peer.SendTo(job.LocalPort, text);
            _peer.Receive(out IPEndPoint _);
        }

        other.SendTo(job.LocalPort, "a");
        other.Receive();
        Until.True(() => job.Statistics.Delivered == 5, "the others are out");
        Assert.Equal(["a", "b", "", "", "a"], job.Output.Select(value => ((UdpMessage)value.BaseObject).Message));
        Assert.Equal([1L, 2, 3, 4, 5], job.Output.Select(value => ((UdpMessage)value.BaseObject).Sequence));
        Assert.Equal(2, job.Statistics.Duplicates);
        Until.True(() => job.Statistics.Acknowledged == 7, "every one was acknowledged");
    }

    [Fact]
    public void A_duplicate_gets_the_answer_of_its_original()
    {
        UdpListenerJob job = _session.StartJob("-DuplicateWindowSeconds 60 -AckScript { \"ack $($_.Sequence)\" }");
        for (int i = 0; i < 3; i++)
        {
            _peer.SendTo(job.LocalPort, "same");
            Assert.Equal("ack 1", _peer.Receive());
        }
    }

    [Fact]
    public void A_duplicate_of_what_is_being_handled_waits_for_that()
    {
        using var gate = new Gate();
        _session["gate"] = gate;
        UdpListenerJob job = _session.StartJob("-DuplicateWindowSeconds 60 -Count 2 -AckScript { ($using:gate).Pass(); 'ok' }");
        _peer.SendTo(job.LocalPort, "a");
        _peer.SendTo(job.LocalPort, "a");
        _peer.SendTo(job.LocalPort, "b");
        Until.True(() => job.Statistics.Received == 3 && gate.Arrived == 1, "the first is held, and the others have come");
        Assert.False(_peer.HasMore);
        gate.Open();
        Until.True(() => job.JobStateInfo.State == JobState.Completed, "both are delivered");
        Assert.Equal(3, _peer.Drain());
        Assert.Equal(1, job.Statistics.Duplicates);
    }

    [Theory]
    [InlineData("-NoAck")]
    [InlineData("-AckScript { }")]
    public void A_duplicate_of_what_gets_no_ack_comes_out_once_too(string answer)
    {
        UdpListenerJob job = _session.StartJob($"-DuplicateWindowSeconds 60 {answer}");
        foreach (string text in new[] { "a", "a", "b", "a" })
        {
            _peer.SendTo(job.LocalPort, text);
        }

        Until.True(() => job.Statistics.Delivered + job.Statistics.Duplicates == 4, "all are handled");
        Assert.Equal(["a", "b"], job.Output.Select(value => ((UdpMessage)value.BaseObject).Message));
        Assert.Equal(2, job.Statistics.Duplicates);
        Assert.False(_peer.HasMore);
    }

    [Fact]
    public void A_duplicate_takes_no_room_in_the_output()
    {
        UdpListenerJob job = _session.StartJob("-DuplicateWindowSeconds 60 -QueueLength 3 -NoAck");
        string[] texts = ["a", "a", "a", "a", "b", "c"];
        for (int i = 1; i <= texts.Length; i++)
        {
            _peer.SendTo(job.LocalPort, texts[i - 1]);
            Until.True(() => job.Statistics is var counted && counted.Delivered + counted.Duplicates + counted.Dropped == i, "it is handled");
        }

        Assert.Equal(["a", "b", "c"], job.Output.Select(value => ((UdpMessage)value.BaseObject).Message));
        Assert.Equal(0, job.Statistics.Dropped);
    }

    [Fact]
    public void Once_the_window_is_over_the_same_comes_out_again_though_duplicates_went_on()
    {
        UdpListenerJob job = _session.StartJob("-DuplicateWindowSeconds 0.5");
        Until.True(
            () =>
            {
                _peer.SendTo(job.LocalPort, "same");
                _peer.Receive();
                return job.Output.Count > 1;
            },
            "it comes out again");
        DateTime[] times = [.. job.Output.Select(value => ((UdpMessage)value.BaseObject).ReceivedAt)];

        // The two clocks do not tick alike.
        Assert.InRange((times[1] - times[0]).TotalSeconds, 0.45, Until.Deadline.TotalSeconds);
    }

    [Theory]
    [InlineData("127.0.0.1", 65508, 65507)]
    [InlineData("Any", 65528, 65527)]
    public void An_ack_longer_than_any_datagram_ends_the_listener_before_it_begins(string address, int length, int limit)
    {
        _session["text"] = new string('x', length);
        ErrorRecord error = _session.RunToError($"Start-UdpListener -Port 0 -LocalAddress {address} -AckMessage $text");
        Assert.Equal("UdpMessageTooLong,UdpPS.Commands.StartUdpListenerCommand", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.LimitsExceeded, error.CategoryInfo.Category);
        Assert.Equal(length, Assert.IsType<string>(error.TargetObject).Length);
        Assert.Contains($"at most {limit}", error.ErrorDetails.Message);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
    }

    [Fact]
    public void A_scripts_answer_longer_than_a_datagram_is_an_error_of_its_message_and_the_next_is_answered()
    {
        using RunningListener listener = Listen("-Count 2 -AckScript { if ($_.Sequence -eq 1) { 'x' * 65508 } else { 'short' } }");
        _peer.SendTo(listener.Port, "a");
        _peer.SendTo(listener.Port, "b");
        Assert.Equal("short", _peer.Receive());
        Assert.Null(listener.WaitForEnd());
        ErrorRecord error = Assert.Single(listener.Streams.Error);
        Assert.Equal("UdpMessageTooLong,UdpPS.Commands.StartUdpListenerCommand", error.FullyQualifiedErrorId);
        Assert.Equal("a", Assert.IsType<UdpMessage>(error.TargetObject).Message);
    }

    [Trait(SocketsUnderTest.Trait, SocketsUnderTest.Linux)]
    [Fact]
    public void A_client_of_another_local_address_is_answered_from_there()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("The answer's source address is set as Linux does.");
        }

        UdpListenerJob job = _session.StartJob("-LocalAddress Any");
        foreach (string address in new[] { "127.0.0.2", "::1", "127.0.0.3" })
        {
            _session["to"] = address;
            _session["port"] = job.LocalPort;
            UdpAck ack = _session.Run<UdpAck>("Send-UdpMessage $to $port hi | Receive-UdpAck -TimeoutSeconds 60").Single();
            Assert.Equal(address, ack.RemoteAddress);
        }
    }

    [Fact]
    public void A_reply_that_is_too_large_is_an_error_and_the_message_comes_out()
    {
        var remote = new IPEndPoint(IPAddress.Parse("198.51.100.7"), 5000);
        ErrorRecord error = ErrorRecords.ReplyTooLarge(Sample.Message(remote.ToString(), "hi"), 1000);
        Assert.Equal("UdpReplyTooLarge", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.LimitsExceeded, error.CategoryInfo.Category);
        Assert.IsType<UdpMessage>(error.TargetObject);
        Assert.Contains("1000 bytes", error.ErrorDetails.Message);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
    }

    private RunningListener Listen(string parameters) => new(_session, $"Start-UdpListener -Port 0 {parameters}");
}
