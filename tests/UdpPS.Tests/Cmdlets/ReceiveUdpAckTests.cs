using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Management.Automation;
using System.Net;
using System.Threading.Tasks;
using UdpPS.Sockets;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Cmdlets;

public sealed class ReceiveUdpAckTests : IDisposable
{
    private readonly Session _session = new();
    private readonly RawSocket _silent = new();

    public ReceiveUdpAckTests()
    {
        _session["silent"] = _silent.Port;
        _session["closed"] = Ports.Closed();
    }

    public void Dispose()
    {
        _silent.Dispose();
        _session.Dispose();
    }

    [Fact]
    public void An_ack_tells_what_it_answers()
    {
        StartListener("-AckScript { \"got $($_.Message)\" }");
        UdpSentMessage sent = _session.Run<UdpSentMessage>("Send-UdpMessage 127.0.0.1 $port hi").Single();
        _session["sent"] = sent;
        UdpAck ack = _session.Run<UdpAck>("$sent | Receive-UdpAck").Single();
        Assert.Equal("127.0.0.1", ack.Server);
        Assert.Equal("127.0.0.1", ack.RemoteAddress);
        Assert.Equal(sent.Port, ack.Port);
        Assert.Equal("got hi", ack.Message);
        Assert.Equal(6, ack.Length);
        Assert.Equal("hi", ack.SentMessage);
        Assert.Equal(1, ack.Attempts);

        // Where the system does not tell when it came, nobody may have been waiting yet.
        Assert.InRange(ack.RoundTripMilliseconds ?? (LinuxCalls.IsSupported ? 0 : 1), 0.001, 60_000);
        Assert.Equal(UdpSendStatus.Acknowledged, sent.Status);
        Assert.Same(ack, sent.Ack);
        Assert.Equal(ack.RoundTripMilliseconds, sent.RoundTripMilliseconds);
    }

    [Fact]
    public void Silence_is_a_timeout_after_the_time_asked_for()
    {
        var watch = Stopwatch.StartNew();
        ErrorRecord error = _session.RunToError("Send-UdpMessage 127.0.0.1 $silent hi | Receive-UdpAck -TimeoutSeconds 0.3");
        Assert.True(watch.Elapsed.TotalSeconds >= 0.3, "the timeout was waited for");
        Assert.StartsWith("UdpAckTimeout,", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.OperationTimeout, error.CategoryInfo.Category);
        Assert.Equal(UdpSendStatus.NoReply, Assert.IsType<UdpSentMessage>(error.TargetObject).Status);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
    }

    [Fact]
    public void A_closed_port_is_told_at_once()
    {
        // Did it wait for its hour, the test would not end.
        ErrorRecord error = _session.RunToError("Send-UdpMessage 127.0.0.1 $closed hi | Receive-UdpAck -TimeoutSeconds 3600");
        Assert.StartsWith("UdpPortClosed,", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.ConnectionError, error.CategoryInfo.Category);
        Assert.Equal(UdpSendStatus.PortClosed, Assert.IsType<UdpSentMessage>(error.TargetObject).Status);
    }

    [Fact]
    public void PassThru_puts_out_every_message_and_no_error()
    {
        StartListener();
        var sent = _session.Run<UdpSentMessage>("""
            $port, $silent, $closed | ForEach-Object { Send-UdpMessage 127.0.0.1 $_ hi } |
                Receive-UdpAck -PassThru -TimeoutSeconds 0.2
            """);
        Assert.Equal(
            [UdpSendStatus.Acknowledged, UdpSendStatus.NoReply, UdpSendStatus.PortClosed],
            sent.Select(message => message.Status));
        Assert.Equal(["Message received", null, null], sent.Select(message => message.Ack?.Message));
    }

    [Fact]
    public void Quiet_puts_out_a_verdict_for_each()
    {
        StartListener();
        Assert.Equal([true, false], _session.Run<bool>("""
            $port, $closed | ForEach-Object { Send-UdpMessage 127.0.0.1 $_ hi } | Receive-UdpAck -Quiet
            """));
    }

    [Fact]
    public void Retries_send_the_same_again_from_the_same_port()
    {
        UdpSentMessage sent = _session.Run<UdpSentMessage>(
            "Send-UdpMessage 127.0.0.1 $silent hi | Receive-UdpAck -PassThru -TimeoutSeconds 0.02 -MaximumRetryCount 3").Single();
        Assert.Equal(4, sent.Attempts);
        Assert.Equal(UdpSendStatus.NoReply, sent.Status);
        var ports = new HashSet<int>();
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal("hi", _silent.Receive(out IPEndPoint from));
            ports.Add(from.Port);
        }

        Assert.Single(ports);
        Assert.False(_silent.HasMore);
    }

    [Fact]
    public void A_retry_that_is_answered_is_an_ack_without_a_round_trip()
    {
        using PowerShell powerShell = _session.Create(
            "Send-UdpMessage 127.0.0.1 $silent hi | Receive-UdpAck -TimeoutSeconds 0.2 -MaximumRetryCount 10");
        var output = new PSDataCollection<PSObject>();
        IAsyncResult run = powerShell.BeginInvoke<PSObject, PSObject>(null, output);
        _silent.Receive();
        _silent.Receive(out IPEndPoint from);
        _silent.SendTo(from, "at last");
        Until.True(() => run.IsCompleted, "the ack is in");
        var ack = (UdpAck)output.Single().BaseObject;
        Assert.Equal("at last", ack.Message);
        Assert.True(ack.Attempts >= 2);
        Assert.Null(ack.RoundTripMilliseconds);
    }

    [Fact]
    public void Stored_messages_find_their_acks_later_and_again()
    {
        StartListener();
        Assert.Equal(3, _session.Run<UdpAck>(
            "$sent = 'a','b','c' | Send-UdpMessage 127.0.0.1 $port; $sent | Receive-UdpAck").Count);
        Assert.Equal(["a", "b", "c"], _session.Run<UdpAck>("$sent | Receive-UdpAck").Select(ack => ack.SentMessage));
        Assert.Equal(3, _session.Run<UdpAck>("Receive-UdpAck $sent").Count);
    }

    [Fact]
    public void All_takes_every_responder_once()
    {
        using var first = new Session();
        using var second = new Session();
        first["port"] = 0;
        using var one = new RunningListener(
            first, "Start-UdpListener -Port 0 -LocalAddress 0.0.0.0 -ReuseAddress -Count 1 -AckMessage one");
        using var two = new RunningListener(
            second, $"Start-UdpListener -Port {one.Port} -LocalAddress 0.0.0.0 -ReuseAddress -Count 1 -AckMessage two");
        _session["port"] = one.Port;
        _session.Run("$sent = Send-UdpMessage 127.255.255.255 $port hi -Broadcast");
        Assert.Null(one.WaitForEnd());
        Assert.Null(two.WaitForEnd());
        var acks = _session.Run<UdpAck>("$sent | Receive-UdpAck -All -TimeoutSeconds 0.1");

        // Both listeners have the same address and port, and so count as one responder.
        UdpAck ack = Assert.Single(acks);
        Assert.Contains(ack.Message, new[] { "one", "two" });
    }

    [Fact]
    public void All_tells_responders_apart_by_their_address()
    {
        using var left = new RawSocket(IPAddress.Parse("127.0.0.2"));
        using var right = new RawSocket(IPAddress.Parse("127.0.0.3"));
        using var everyone = new RawSocket(IPAddress.Any);
        _session["everyone"] = everyone.Port;
        _session.Run("$sent = Send-UdpMessage 127.255.255.255 $everyone hi -Broadcast");
        everyone.Receive(out IPEndPoint asker);
        foreach (RawSocket responder in new[] { left, right, left })
        {
            responder.SendTo(asker, $"from {responder.EndPoint.Address}");
        }

        // All of them wait at the socket.
        IReadOnlyList<UdpAck> acks = _session.Run<UdpAck>("$sent | Receive-UdpAck -All -TimeoutSeconds 0.1");
        Assert.Equal(["127.0.0.2", "127.0.0.3"], acks.Select(ack => ack.RemoteAddress));
        Assert.Equal(["from 127.0.0.2", "from 127.0.0.3"], acks.Select(ack => ack.Message));
    }

    [Fact]
    public void To_one_address_only_that_one_may_answer_with_Broadcast_too() => Assert.StartsWith(
        "UdpPortClosed,",
        _session.RunToError("Send-UdpMessage 127.0.0.1 $closed hi -Broadcast | Receive-UdpAck").FullyQualifiedErrorId);

    [Fact]
    public void With_many_in_flight_results_come_while_more_are_sent()
    {
        StartListener();
        DateTime[] times = _session
            .Run<UdpAck>("1..50 | Send-UdpMessage 127.0.0.1 $port -Delay 0.01 | Receive-UdpAck -ThrottleLimit 99")
            .Select(ack => ack.ReceivedAt)
            .ToArray();

        // Were they all read at the end, they would have been read at one time.
        Assert.True((times[^1] - times[0]).TotalMilliseconds > 100, $"{times[0]:O} to {times[^1]:O}");
    }

    [Fact]
    public void With_room_for_more_an_ack_is_out_while_more_messages_come()
    {
        _session["socket"] = _silent.Socket;
        Assert.Equal(["first"], _session.Run<string>("""
            $more = 0
            & {
                $first = Send-UdpMessage 127.0.0.1 $silent first
                $first
                $null = $socket.SendTo([byte[]]65, [Net.IPEndPoint]::new([ipaddress]::Loopback, $first.LocalPort))
                for (; $more -lt 9000; $global:more++) { Send-UdpMessage 127.0.0.1 $silent more }
            } | Receive-UdpAck -ThrottleLimit 9999 -TimeoutSeconds 60 | Select-First | ForEach-Object SentMessage
            """));
        Assert.InRange(_session.Run<int>("$more").Single(), 0, 8999);
    }

    [Fact]
    public void All_without_an_answer_is_a_timeout() => Assert.StartsWith(
        "UdpAckTimeout,",
        _session.RunToError("Send-UdpMessage 127.0.0.1 $silent hi | Receive-UdpAck -All -TimeoutSeconds 0.1").FullyQualifiedErrorId);

    [Fact]
    public async Task As_many_are_in_flight_as_were_asked_for_and_each_settles_to_its_own()
    {
        const int Messages = 640;
        using var peer = new HoldingPeer(64);
        _session["port"] = peer.Port;
        _session["n"] = Messages;
        IReadOnlyList<UdpAck> acks = _session.Run<UdpAck>(
            "1..$n | Send-UdpMessage 127.0.0.1 $port | Receive-UdpAck -TimeoutSeconds 60 -ThrottleLimit 64");
        Assert.All(acks, ack => Assert.Equal("ack " + ack.SentMessage, ack.Message));
        Assert.Equal(Messages, acks.Select(ack => ack.SentMessage).Distinct().Count());
        await peer.Stop();
    }

    [Fact]
    public void Ctrl_C_ends_the_wait_and_the_ack_can_still_be_had()
    {
        _session.Run("$sent = Send-UdpMessage 127.0.0.1 $silent hi");
        using (PowerShell powerShell = _session.Create("$sent | Receive-UdpAck -TimeoutSeconds 3600"))
        {
            IAsyncResult run = powerShell.BeginInvoke();
            _silent.Receive(out IPEndPoint from);
            powerShell.Stop();
            Until.True(() => run.IsCompleted, "the command has stopped");
            _silent.SendTo(from, "late");
        }

        Assert.Equal("late", _session.Run<UdpAck>("$sent | Receive-UdpAck").Single().Message);
    }

    [Fact]
    public void Settled_messages_leave_no_socket_behind()
    {
        StartListener();

        // The process opens one for itself with the first message.
        _session.Run("1 | Send-UdpMessage 127.0.0.1 $port | Receive-UdpAck > $null");
        int before = ProcessSockets.CountInUse();
        _session.Run("1..50 | Send-UdpMessage 127.0.0.1 $port | Receive-UdpAck > $null");
        _session.Run("1..50 | Send-UdpMessage 127.0.0.1 $port | Receive-UdpAck -ThrottleLimit 16 > $null");
        _session.Run("1..5 | Send-UdpMessage 127.0.0.1 $silent | Receive-UdpAck -PassThru -TimeoutSeconds 0.01 > $null");
        _session.Run("1..5 | Send-UdpMessage 127.0.0.1 $closed | Receive-UdpAck -PassThru > $null");
        Assert.Equal(before, ProcessSockets.Count());
    }

    private void StartListener(string parameters = "") => _session["port"] = _session.StartJob(parameters).LocalPort;
}
