using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Net;
using System.Net.Sockets;
using System.Text;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Cmdlets;

public sealed class StartUdpListenerTests : IDisposable
{
    private readonly Session _session = new();
    private readonly RawSocket _peer = new();

    public void Dispose()
    {
        _peer.Dispose();
        _session.Dispose();
    }

    [Fact]
    public void A_message_tells_who_sent_what_when_and_where_to()
    {
        using RunningListener listener = Listen("-Count 1");
        DateTime before = DateTime.UtcNow;
        _peer.SendTo(listener.Port, "héllo");
        listener.WaitForEnd();
        UdpMessage message = listener.Messages.Single();
        Assert.Equal("127.0.0.1", message.RemoteAddress);
        Assert.Equal(_peer.Port, message.RemotePort);
        Assert.Equal("127.0.0.1", message.LocalAddress);
        Assert.Equal(listener.Port, message.LocalPort);
        Assert.Equal("héllo", message.Message);
        Assert.Equal(Encoding.UTF8.GetBytes("héllo"), message.Bytes);
        Assert.Equal(6, message.Length);
        Assert.Equal(1, message.Sequence);
        Assert.Equal(DateTimeKind.Local, message.ReceivedAt.Kind);
        Assert.InRange(message.ReceivedAt.ToUniversalTime(), before.AddSeconds(-1), DateTime.UtcNow.AddSeconds(1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1024)]
    [InlineData(1025)]
    [InlineData(65507)]
    public void A_datagram_is_never_cut(int length)
    {
        byte[] payload = new byte[length];
        new Random(length).NextBytes(payload);
        using RunningListener listener = Listen("-Count 1");
        _peer.SendTo(listener.Port, payload);
        Assert.Equal("Message received", _peer.Receive());
        listener.WaitForEnd();
        Assert.Equal(payload, listener.Messages.Single().Bytes);
    }

    [Fact]
    public void The_ack_text_is_what_was_asked_for()
    {
        using RunningListener listener = Listen("-Count 2 -AckMessage 'ça va'");
        _peer.SendTo(listener.Port, "a");
        Assert.Equal("ça va", _peer.Receive());
    }

    [Fact]
    public void An_empty_ack_is_an_ack()
    {
        using RunningListener listener = Listen("-Count 1 -AckMessage ''");
        _peer.SendTo(listener.Port, "a");
        Assert.Empty(_peer.ReceiveBytes(out _));
    }

    [Fact]
    public void Without_acks_nothing_is_answered()
    {
        using RunningListener listener = Listen("-Count 1 -NoAck");
        _peer.SendTo(listener.Port, "a");
        listener.WaitForEnd();
        Assert.Single(listener.Messages);
        Assert.False(_peer.HasMore);
    }

    [Fact]
    public void The_ack_waits_for_the_pipeline()
    {
        using var gate = new Gate();
        _session["gate"] = gate;
        using var listener = new RunningListener(
            _session, "Start-UdpListener -Port 0 -Count 1 | ForEach-Object { $gate.Pass() }");
        _peer.SendTo(listener.Port, "a");
        Until.True(() => gate.Arrived == 1, "the pipeline holds the message");
        Assert.False(_peer.HasMore);
        gate.Open();
        Assert.Equal("Message received", _peer.Receive());
    }

    [Fact]
    public void A_script_answers_with_text_with_bytes_or_not_at_all()
    {
        using RunningListener listener = Listen("""
            -Count 4 -AckScript {
                $message = $_
                switch ($message.Message) {
                    text { "got $($message.Message) from $($message.RemotePort)" }
                    bytes { [byte[]](1, 0, 255) }
                    wrapped { , [byte[]](7, 8) }
                    nothing { }
                }
            }
            """);
        _peer.SendTo(listener.Port, "nothing");
        _peer.SendTo(listener.Port, "text");
        Assert.Equal($"got text from {_peer.Port}", _peer.Receive());
        _peer.SendTo(listener.Port, "bytes");
        Assert.Equal([1, 0, 255], _peer.ReceiveBytes(out _));
        _peer.SendTo(listener.Port, "wrapped");
        Assert.Equal([7, 8], _peer.ReceiveBytes(out _));
        Assert.Null(listener.WaitForEnd());
        Assert.Equal(4, listener.Messages.Count());
        Assert.Empty(listener.Streams.Error);
    }

    [Theory]
    [InlineData("break")]
    [InlineData("continue")]
    [InlineData("return")]
    public void A_script_that_leaves_early_gives_no_answer_and_the_listener_goes_on(string leave)
    {
        using RunningListener listener = Listen($"-Count 2 -AckScript {{ if ($_.Message -eq 'a') {{ {leave} }}; 'ok' }}");
        _peer.SendTo(listener.Port, "a");
        _peer.SendTo(listener.Port, "b");
        Assert.Equal("ok", _peer.Receive());
        Assert.Null(listener.WaitForEnd());
        Assert.Equal(2, listener.Messages.Count());
        Assert.False(_peer.HasMore);
    }

    [Theory]
    [InlineData("throw 'broken'", "it failed: broken")]
    [InlineData("42", "Int32")]
    [InlineData("'two'; 'texts'", "2 objects")]
    public void A_script_that_fails_is_an_error_and_the_listener_goes_on(string script, string reason)
    {
        using RunningListener listener = Listen($"-Count 2 -AckScript {{ if ($_.Message -eq 'bad') {{ {script} }} else {{ 'ok' }} }}");
        _peer.SendTo(listener.Port, "bad");
        _peer.SendTo(listener.Port, "good");
        Assert.Equal("ok", _peer.Receive());
        Assert.Null(listener.WaitForEnd());
        ErrorRecord error = Assert.Single(listener.Streams.Error);
        Assert.StartsWith("UdpAckScriptFailed,", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.InvalidResult, error.CategoryInfo.Category);
        Assert.Equal("bad", Assert.IsType<UdpMessage>(error.TargetObject).Message);
        Assert.Contains(reason, error.ErrorDetails.Message);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
        Assert.Equal(2, listener.Messages.Count());
    }

    [Theory]
    [InlineData("127.0.0.0/8", true)]
    [InlineData("10.0.0.0/8, ::1", false)]
    public void Only_who_is_allowed_is_heard(string networks, bool isHeard)
    {
        string list = string.Join(", ", networks.Split(", ").Select(network => $"'{network}'"));
        var job = _session.StartJob($"-AllowFrom {list}");
        _peer.SendTo(job.LocalPort, "a");
        Until.True(() => job.Statistics.Received + job.Statistics.Denied == 1, "the datagram is counted");
        Assert.Equal(isHeard ? 0 : 1, job.Statistics.Denied);
        Assert.Equal(isHeard, job.Output.Count > 0 || job.Statistics.Received > 0);
    }

    [Fact]
    public void Any_hears_both_families_and_shows_IPv4_as_IPv4()
    {
        using var six = SocketOfIPv6();
        using RunningListener listener = Listen("-LocalAddress Any -Count 3 -AllowFrom 127.0.0.0/8, ::1");
        _peer.SendTo(listener.Port, "four");
        Assert.Equal("Message received", _peer.Receive());
        six.SendTo(listener.Port, "six");
        Assert.Equal("Message received", six.Receive());
        _peer.SendTo(listener.Port, "end");
        Assert.Null(listener.WaitForEnd());
        Assert.Equal(["127.0.0.1", "::1", "127.0.0.1"], listener.Messages.Select(message => message.RemoteAddress));
        Assert.Equal(["127.0.0.1", "::1", "127.0.0.1"], listener.Messages.Select(message => message.LocalAddress));
        Assert.StartsWith("UDP listener up on Any:", listener.Streams.Information[0].ToString());
        Assert.Single(listener.Streams.Information);
    }

    [Theory]
    [InlineData("127.0.0.2", "127.0.0.2", true)]
    [InlineData("any", "Any", false)]
    [InlineData("*", "Any", false)]
    [InlineData("0.0.0.0", "0.0.0.0", false)]
    public void Where_it_listens_is_told_and_how_to_open_it_where_it_is_not(string address, string shown, bool isLoopback)
    {
        using PowerShell powerShell = _session.Create($"Start-UdpListener -Port 0 -LocalAddress '{address}' -TimeoutSeconds 0.01");
        powerShell.Invoke();
        Assert.Matches($"^UDP listener up on {shown.Replace(".", "\\.")}:\\d+$", powerShell.Streams.Information[0].ToString());
        Assert.Equal(isLoopback ? 2 : 1, powerShell.Streams.Information.Count);
    }

    [Theory]
    [InlineData("-NoAck -OutBuffer 5")]
    [InlineData("-AckMessage ('x' * 65507)")]
    [InlineData("-LocalAddress ::1 -AckMessage ('x' * 65527)")]
    public void What_is_just_allowed_is_no_error(string parameters)
    {
        if (parameters.Contains("::1") && !Socket.OSSupportsIPv6)
        {
            Assert.Skip("This machine has no IPv6.");
        }

        Assert.Empty(_session.Run($"Start-UdpListener -Port 0 -TimeoutSeconds 0.01 {parameters}"));
    }

    [Fact]
    public void The_start_is_shown_and_never_put_out()
    {
        using RunningListener listener = Listen("-Count 1");
        Until.True(() => listener.Streams.Information.Count == 2, "how to open it is told too");
        Assert.Equal($"UDP listener up on 127.0.0.1:{listener.Port}", listener.Streams.Information[0].ToString());
        Assert.Contains("-LocalAddress Any", listener.Streams.Information[1].ToString());
        Assert.All(
            listener.Streams.Information,
            record => Assert.Equal(!Console.IsOutputRedirected, record.Tags.Contains("PSHOST")));
        _peer.SendTo(listener.Port, "a");
        listener.WaitForEnd();
        Assert.Single(listener.Output);
    }

    [Fact]
    public void Verbose_tells_of_each_message_and_ack_and_the_totals()
    {
        using RunningListener listener = Listen("-Count 1 -Verbose");
        _peer.SendTo(listener.Port, "a");
        listener.WaitForEnd();
        Assert.Equal(
            [
                $"Message from 127.0.0.1:{_peer.Port}",
                $"Acknowledgment sent to 127.0.0.1:{_peer.Port}",
                "1 received, 1 delivered, 1 acknowledged, 0 dropped, 0 denied, 0 duplicates, 0 acks suppressed, 0 errors",
            ],
            listener.Streams.Verbose.Select(record => record.Message));
    }

    [Fact]
    public void A_full_queue_drops_the_newest_unacknowledged_and_counts_it()
    {
        SkipWithoutProc();
        using var gate = new Gate();
        _session["gate"] = gate;
        using var listener = new RunningListener(_session, """
            Start-UdpListener -Port 0 -QueueLength 2 -IdleTimeoutSeconds 3 -Verbose | ForEach-Object { $gate.Pass(); $_ }
            """);
        _peer.SendTo(listener.Port, "held");
        Until.True(() => gate.Arrived == 1, "the pipeline holds the first");
        foreach (string text in new[] { "queued", "queued too", "too many", "far too many" })
        {
            _peer.SendTo(listener.Port, text);
        }

        // Everything is read before the pipeline goes on: the socket's own queue is empty.
        Until.True(() => SystemQueueIsEmpty(listener.Port), "the listener has read it all");
        gate.Open();
        Assert.Null(listener.WaitForEnd());
        Assert.Equal(["held", "queued", "queued too"], listener.Messages.Select(message => message.Message));
        Assert.Contains("as fast as they came: 2.", Assert.Single(listener.Streams.Warning).Message);
        Assert.Contains("3 received, 3 delivered, 3 acknowledged, 2 dropped", listener.Streams.Verbose.Last().Message);
        Assert.Equal(3, _peer.Drain());
    }

    [Fact]
    public void What_arrived_beyond_the_count_is_warned_about()
    {
        SkipWithoutProc();
        using var gate = new Gate();
        _session["gate"] = gate;
        using var listener = new RunningListener(
            _session, "Start-UdpListener -Port 0 -Count 1 | ForEach-Object { $gate.Pass(); $_ }");
        _peer.SendTo(listener.Port, "one");
        _peer.SendTo(listener.Port, "two");
        Until.True(() => gate.Arrived == 1 && SystemQueueIsEmpty(listener.Port), "both have arrived");
        gate.Open();
        Assert.Null(listener.WaitForEnd());
        Assert.Single(listener.Messages);
        Assert.EndsWith("not delivered: 1.", Assert.Single(listener.Streams.Warning).Message);
    }

    [Fact]
    public void A_dead_client_does_not_end_the_listener()
    {
        using RunningListener listener = Listen("-Count 101");
        for (int i = 0; i < 100; i++)
        {
            using var shortLived = new RawSocket();
            shortLived.SendTo(listener.Port, "gone before the ack");
        }

        _peer.SendTo(listener.Port, "alive");
        Assert.Equal("Message received", _peer.Receive());
        Assert.Null(listener.WaitForEnd());
        Assert.Equal(101, listener.Messages.Count());
    }

    [Fact]
    public void Two_may_share_a_port_when_both_want_to()
    {
        var first = _session.StartJob("-ReuseAddress");
        _session["port"] = first.LocalPort;
        Assert.Single(_session.Run("Start-UdpListener -Port $port -ReuseAddress -AsJob"));
        Assert.StartsWith("UdpAddressInUse,", _session.RunToError("Start-UdpListener -Port $port").FullyQualifiedErrorId);
    }

    [Theory]
    [InlineData("-Encoding unicode", "h\0i\0", "h\0o\0")]
    [InlineData("-Encoding 1200", "h\0i\0", "h\0o\0")]
    [InlineData("-Encoding utf-16", "h\0i\0", "h\0o\0")]
    [InlineData("-Encoding ([Text.Encoding]::Unicode)", "h\0i\0", "h\0o\0")]
    [InlineData("-Encoding ascii", "hi", "ho")]
    public void Text_is_decoded_and_encoded_as_asked(string encoding, string wire, string answer)
    {
        using RunningListener listener = Listen($"-Count 1 {encoding} -AckMessage ho");
        _peer.SendTo(listener.Port, wire);
        Assert.Equal(answer, _peer.Receive());
        listener.WaitForEnd();
        Assert.Equal("hi", listener.Messages.Single().Message);
    }

    [Fact]
    public void A_group_is_joined_on_the_interface_given()
    {
        using var sender = new Session();
        using RunningListener listener = Listen("-MulticastGroup 239.255.77.1 -Interface 127.0.0.1 -Count 1");
        sender["port"] = listener.Port;
        UdpAck ack = sender.Run<UdpAck>(
            "Send-UdpMessage 239.255.77.1 $port hi -LocalAddress 127.0.0.1 -MaxHops 1 | Receive-UdpAck -TimeoutSeconds 30").Single();
        Assert.Equal("Message received", ack.Message);
        Assert.Equal("127.0.0.1", ack.RemoteAddress);
        listener.WaitForEnd();
        Assert.Equal("239.255.77.1", listener.Messages.Single().LocalAddress);
    }

    private static RawSocket SocketOfIPv6()
    {
        if (!Socket.OSSupportsIPv6)
        {
            Assert.Skip("This machine has no IPv6.");
        }

        return new RawSocket(IPAddress.IPv6Loopback);
    }

    // Before the gate of the test is shut, which nobody would open any more.
    private static void SkipWithoutProc() =>
        Assert.SkipUnless(OperatingSystem.IsLinux(), "What a socket holds is read from /proc, which only Linux has.");

    private static bool SystemQueueIsEmpty(int port)
    {
        // Columns: sl local_address rem_address st tx_queue:rx_queue ...
        IEnumerable<string[]> rows = System.IO.File.ReadLines("/proc/net/udp").Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return rows.Single(row => row[1].EndsWith($":{port:X4}", StringComparison.Ordinal))[4].EndsWith(":00000000", StringComparison.Ordinal);
    }

    private RunningListener Listen(string parameters) => new(_session, $"Start-UdpListener -Port 0 {parameters}");
}
