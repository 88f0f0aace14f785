using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Management.Automation;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using UdpPS.Commands;
using UdpPS.Sockets;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Cmdlets;

public sealed class SendUdpMessageTests : IDisposable
{
    private readonly Session _session = new();
    private readonly RawSocket _peer = new();

    public SendUdpMessageTests() => _session["port"] = _peer.Port;

    public void Dispose()
    {
        _peer.Dispose();
        _session.Dispose();
    }

    [Fact]
    public void A_sent_message_tells_what_went_where_and_from_which_port()
    {
        UdpSentMessage sent = _session.Run<UdpSentMessage>("Send-UdpMessage localhost $port héllo -IPv4").Single();
        Assert.Equal("héllo", _peer.Receive(out IPEndPoint from));
        Assert.Equal("localhost", sent.Server);
        Assert.Equal("127.0.0.1", sent.RemoteAddress);
        Assert.Equal(_peer.Port, sent.Port);
        Assert.Equal(from.Port, sent.LocalPort);
        Assert.Equal("héllo", sent.Message);
        Assert.Equal(6, sent.Length);
        Assert.Equal(UdpSendStatus.Sent, sent.Status);
        Assert.Equal(1, sent.Attempts);
        Assert.Null(sent.RoundTripMilliseconds);
        Assert.Null(sent.Ack);
        Assert.InRange(sent.SentAt.ToUniversalTime(), DateTime.UtcNow.AddMinutes(-1), DateTime.UtcNow.AddSeconds(1));
    }

    [Theory]
    [InlineData("Send-UdpMessage 127.0.0.1 $port ''", new[] { "" })]
    [InlineData("'' | Send-UdpMessage 127.0.0.1 $port", new[] { "" })]
    [InlineData("Send-UdpMessage 127.0.0.1 $port 'a','b'", new[] { "a", "b" })]
    [InlineData("'a','b' | Send-UdpMessage 127.0.0.1 $port", new[] { "a", "b" })]
    [InlineData("1.5, 2, $true | Send-UdpMessage 127.0.0.1 $port", new[] { "1.5", "2", "True" })]
    [InlineData("[version]'1.2' | Send-UdpMessage 127.0.0.1 $port", new[] { "1.2" })]
    [InlineData("Send-UdpMessage 127.0.0.1 $port @()", new string[0])]
    [InlineData("Send-UdpMessage 127.0.0.1 $port ([byte[]](104,105))", new[] { "hi" })]
    [InlineData(", [byte[]](104,105) | Send-UdpMessage 127.0.0.1 $port", new[] { "hi" })]
    [InlineData("Send-UdpMessage 127.0.0.1 $port ([byte[]](120,104,105,120))[1..2]", new[] { "hi" })]
    [InlineData("Send-UdpMessage 127.0.0.1 $port ('a', ([byte[]](104,105)), 'b')", new[] { "a", "hi", "b" })]
    [InlineData("Send-UdpMessage 127.0.0.1 $port ([pscustomobject]@{ Message = 'x' }, [pscustomobject]@{ Message = 'y' })", new[] { "x", "y" })]
    [InlineData("Send-UdpMessage 127.0.0.1 $port hi -Count 3", new[] { "hi", "hi", "hi" })]
    [InlineData("'a','b' | Send-UdpMessage 127.0.0.1 $port -Count 2 -Delay 0.001", new[] { "a", "a", "b", "b" })]
    [InlineData("Send-UdpMessage -ComputerName 127.0.0.1 -RemotePort $port -Message hi", new[] { "hi" })]
    [InlineData("Send-UdpMessage 127.0.0.1,localhost $port hi -IPv4", new[] { "hi", "hi" })]
    [InlineData("[pscustomobject]@{ Server = '127.0.0.1'; Port = $port; Message = 'row' } | Send-UdpMessage", new[] { "row" })]
    [InlineData("[pscustomobject]@{ Server = '127.0.0.1'; Port = \"$port\"; Message = '' } | Send-UdpMessage", new[] { "" })]
    [InlineData("[pscustomobject]@{ ComputerName = '127.0.0.1'; Port = $port } | Send-UdpMessage -Message ping", new[] { "ping" })]
    [InlineData("[pscustomobject]@{ Message = 'only' } | Send-UdpMessage 127.0.0.1 $port", new[] { "only" })]
    [InlineData("[pscustomobject]@{ Port = $port; Message = 'there' } | Send-UdpMessage 127.0.0.1", new[] { "there" })]
    public void What_is_given_is_what_is_sent(string script, string[] expected)
    {
        var sent = _session.Run<UdpSentMessage>(script);
        Assert.Equal(expected, sent.Select(_ => _peer.Receive()));
        Assert.Equal(expected, sent.Select(message => message.Message));
        Assert.False(_peer.HasMore);
    }

    // A program may write what it likes there.
    [Fact]
    public void A_script_makes_a_message_though_a_program_in_it_writes_to_standard_error()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no sh.");
        using PowerShell powerShell = _session.Create("1 | Send-UdpMessage 127.0.0.1 $port -Message { /bin/sh -c 'echo oops >&2'; 'ok' }");
        Assert.Equal(UdpSendStatus.Sent, Assert.IsType<UdpSentMessage>(powerShell.Invoke().Single().BaseObject).Status);
        Assert.Equal("ok", _peer.Receive());
    }

    [Theory]
    [InlineData("'text'", false)]
    [InlineData("[byte]7", false)]
    [InlineData(", [byte[]](1, 2)", false)]
    [InlineData(", [Collections.Generic.List[byte]][byte[]](1, 2)", false)]
    [InlineData(", @('a', 'b')", false)]
    [InlineData("$null", false)]
    [InlineData("42", true)]
    [InlineData("[version]'1.2'", true)]
    [InlineData("[pscustomobject]@{ Message = 'row' }", true)]
    public void What_came_down_the_pipeline_stays_with_its_message_unless_the_message_itself_has_it(string input, bool isKept)
    {
        using PowerShell powerShell = _session.Create($"{input} | Send-UdpMessage 127.0.0.1 $port");
        var sent = powerShell.Invoke<UdpSentMessage>();
        Assert.NotEmpty(sent);
        Assert.All(sent, message => Assert.Equal(isKept, message.InputObject is not null));
    }

    [Fact]
    public void A_received_message_is_relayed_byte_for_byte()
    {
        byte[] payload = [0, 255, 27, 0xC3, 0x28, 13, 10];
        using var listening = new Session();
        using var listener = new RunningListener(
            listening, $"Start-UdpListener -Port 0 -Count 1 | Send-UdpMessage 127.0.0.1 {_peer.Port}");
        using var client = new RawSocket();
        client.SendTo(listener.Port, payload);
        Assert.Equal(payload, _peer.ReceiveBytes(out _));
    }

    [Fact]
    public void What_a_listener_relays_has_left_before_it_is_acknowledged_however_slow_the_name()
    {
        using var lookUp = new NameLookUp("slow.invalid", 60);
        var names = (Dictionary<string, NameLookUp>)typeof(NameTable)
            .GetField("_names", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(NameTable.Shared)!;
        lock (typeof(NameTable).GetField("_lock", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(NameTable.Shared)!)
        {
            names[lookUp.Name] = lookUp;
        }

        using var client = new RawSocket();
        using var listening = new Session();
        using var listener = new RunningListener(
            listening, $"Start-UdpListener -Port 0 -Count 1 -Verbose | Send-UdpMessage {lookUp.Name} {_peer.Port}");
        client.SendTo(listener.Port, "relayed");
        Until.True(() => listener.Streams.Verbose.Count > 0, "the message is delivered");

        // A row does not wait for a name as long as this.
        var clock = Stopwatch.StartNew();
        Until.True(() => clock.Elapsed.TotalSeconds > 0.5, "time passes");
        Assert.False(client.HasMore);
        lookUp.Complete([IPAddress.Loopback]);
        Assert.Equal("relayed", _peer.Receive());
        Assert.Equal("Message received", client.Receive());
    }

    [Fact]
    public void What_was_sent_is_sent_on_byte_for_byte()
    {
        var sent = _session.Run<UdpSentMessage>(
            ", [byte[]](255, 254, 253) | Send-UdpMessage 127.0.0.1 $port | Send-UdpMessage 127.0.0.1 $port");
        Assert.Single(sent);
        Assert.Equal([255, 254, 253], _peer.ReceiveBytes(out _));
        Assert.Equal([255, 254, 253], _peer.ReceiveBytes(out _));
    }

    [Fact]
    public void A_received_message_without_a_server_goes_back_to_its_sender()
    {
        using var listening = new Session();
        using var listener = new RunningListener(listening, "Start-UdpListener -Port 0 -Count 1 -NoAck | Send-UdpMessage");
        _peer.SendTo(listener.Port, "echo");
        Assert.Equal("echo", _peer.Receive());
    }

    [Fact]
    public void A_relay_without_a_port_sends_to_the_default_port_and_not_to_the_senders()
    {
        using var client = new RawSocket();
        using var listening = new Session();
        using var listener = new RunningListener(
            listening, "Start-UdpListener -Port 0 -Count 1 | Send-UdpMessage 127.0.0.1");
        client.SendTo(listener.Port, "a");
        Assert.Null(listener.WaitForEnd());
        Assert.Equal(4010, Assert.IsType<UdpSentMessage>(listener.Output.Single().BaseObject).Port);
    }

    [Fact]
    public void Text_is_encoded_as_asked()
    {
        _session.Run("Send-UdpMessage 127.0.0.1 $port 'é' -Encoding iso-8859-1");
        Assert.Equal([0xE9], _peer.ReceiveBytes(out _));
        _session.Run("Send-UdpMessage 127.0.0.1 $port 'é' -Encoding utf8BOM");
        Assert.Equal([0xC3, 0xA9], _peer.ReceiveBytes(out _));
    }

    [Fact]
    public void The_longest_datagram_is_sent_and_a_longer_one_is_not()
    {
        Assert.Equal(65507, _session.Run<UdpSentMessage>("Send-UdpMessage 127.0.0.1 $port ('x' * 65507)").Single().Length);
        Assert.Equal(65507, _peer.ReceiveBytes(out _).Length);

        ErrorRecord error = _session.RunToError("Send-UdpMessage 127.0.0.1 $port ('x' * 65508)");
        Assert.StartsWith("UdpMessageTooLong,", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.LimitsExceeded, error.CategoryInfo.Category);
        Assert.False(_peer.HasMore);
    }

    [Fact]
    public void IPv6_carries_a_little_more()
    {
        if (!Socket.OSSupportsIPv6)
        {
            Assert.Skip("This machine has no IPv6.");
        }

        using var six = new RawSocket(IPAddress.IPv6Loopback);
        _session["six"] = six.Port;
        _session.Run("Send-UdpMessage ::1 $six ('x' * 65527)");
        Assert.Equal(65527, six.ReceiveBytes(out _).Length);
        Assert.StartsWith(
            "UdpMessageTooLong,",
            _session.RunToError("Send-UdpMessage ::1 $six ('x' * 65528)").FullyQualifiedErrorId);
    }

    [Fact]
    public void It_leaves_from_the_address_and_port_given()
    {
        int localPort = Ports.Free();
        _session["localPort"] = localPort;
        UdpSentMessage sent = _session.Run<UdpSentMessage>(
            "Send-UdpMessage 127.0.0.1 $port hi -LocalAddress 127.0.0.2 -LocalPort $localPort").Single();
        _peer.Receive(out IPEndPoint from);
        Assert.Equal(new IPEndPoint(IPAddress.Parse("127.0.0.2"), localPort), from);
        Assert.Equal(localPort, sent.LocalPort);
    }

    [Theory]
    [InlineData("-MaxHops 7")]
    [InlineData("-Ttl 7")]
    public void The_hop_limit_is_set(string parameter)
    {
        UdpSentMessage sent = _session.Run<UdpSentMessage>($"Send-UdpMessage 127.0.0.1 $port hi {parameter}").Single();
        LookAt(sent, socket => Assert.Equal(7, socket.Ttl));
    }

    [Fact]
    public void Fragmentation_is_forbidden_when_asked_for()
    {
        UdpSentMessage sent = _session.Run<UdpSentMessage>("Send-UdpMessage 127.0.0.1 $port hi -DontFragment").Single();
        LookAt(sent, socket => Assert.True(socket.DontFragment));
        sent = _session.Run<UdpSentMessage>("Send-UdpMessage 127.0.0.1 $port hi").Single();
        LookAt(sent, socket => Assert.False(socket.DontFragment));
    }

    [Fact]
    public void A_broadcast_reaches_who_listens_and_is_answered()
    {
        using var sender = new Session();
        using var listener = new RunningListener(_session, "Start-UdpListener -Port 0 -LocalAddress 0.0.0.0 -Count 1");
        sender["port"] = listener.Port;
        UdpAck ack = sender.Run<UdpAck>(
            "Send-UdpMessage 127.255.255.255 $port hi -Broadcast | Receive-UdpAck -TimeoutSeconds 30").Single();
        Assert.Equal("127.0.0.1", ack.RemoteAddress);
        listener.WaitForEnd();
        Assert.Equal("127.255.255.255", listener.Messages.Single().LocalAddress);
    }

    [Fact]
    public void One_bad_server_does_not_stop_the_others()
    {
        using PowerShell powerShell = _session.Create("Send-UdpMessage nosuch.invalid, 127.0.0.1 $port hi");
        Assert.Equal(["127.0.0.1 Sent", "nosuch.invalid NotSent"], powerShell.Invoke<UdpSentMessage>().Select(sent => $"{sent.Server} {sent.Status}").Order());
        Assert.StartsWith("UdpHostNotFound,", Assert.Single(powerShell.Streams.Error).FullyQualifiedErrorId);
        Assert.Equal("hi", _peer.Receive());
    }

    [Fact]
    public void A_record_without_a_message_is_an_error_and_the_next_goes_on()
    {
        using PowerShell powerShell = _session.Create("""
            [pscustomobject]@{ Server = '127.0.0.1'; Port = $port }, [pscustomobject]@{ Server = '127.0.0.1'; Port = $port; Message = 'b' } |
                Send-UdpMessage
            """);
        Assert.Equal(["NotSent ", "Sent b"], powerShell.Invoke<UdpSentMessage>().Select(sent => $"{sent.Status} {sent.Message}"));
        Assert.StartsWith("UdpMessageMissing,", Assert.Single(powerShell.Streams.Error).FullyQualifiedErrorId);
    }

    [Theory]
    [InlineData("Send-UdpMessage 127.0.0.1 $port $messages | Out-Null")]
    [InlineData(", $messages | Send-UdpMessage 127.0.0.1 $port | Out-Null")]
    [InlineData("$messages | Send-UdpMessage 127.0.0.1 $port | Out-Null")]
    public void A_long_list_goes_out_whole_and_in_order(string script)
    {
        object[] messages = Enumerable.Range(0, 2000).Select(i => (object)$"message {i}").ToArray();
        _session["messages"] = messages;
        _session.Run(script);
        Assert.Equal(messages, messages.Select(_ => (object)_peer.Receive()));
        Assert.False(_peer.HasMore);
    }

    [Fact]
    public void In_a_long_list_an_error_stands_where_it_belongs()
    {
        _session["messages"] = Enumerable.Range(0, 1000)
            .Select(i => i == 700 ? new string('x', 65508) : i == 900 ? PortOnly() : (object)$"{i}")
            .ToArray();
        var told = _session.Run<string>("Send-UdpMessage 127.0.0.1 $port $messages 2>&1 | Write-Outcome");
        Assert.Equal(1002, told.Count);
        Assert.Equal(65508, told[700].Length);
        Assert.StartsWith("UdpMessageTooLong,", told[701]);
        Assert.Empty(told[901]);
        Assert.StartsWith("UdpMessageMissing,", told[902]);
        Assert.Equal(
            Enumerable.Range(0, 1000).Where(i => i is not (700 or 900)).Select(i => $"{i}"),
            told.Where(one => one.Length is > 0 and < 4));
        Assert.Equal(998, _peer.Drain());

        static PSObject PortOnly()
        {
            var record = new PSObject();
            record.Properties.Add(new PSNoteProperty("Port", 1));
            return record;
        }
    }

    [Fact]
    public void A_pipeline_that_takes_its_time_gets_each_message_of_a_list_as_it_is_sent()
    {
        _session["socket"] = _peer.Socket;
        _session["messages"] = Enumerable.Range(0, 1000).Select(i => (object)$"{i}").ToArray();
        var ahead = _session.Run<int>("""
            $buffer = [byte[]]::new(100)
            Send-UdpMessage 127.0.0.1 $port $messages |
                ForEach-Object { [void]$socket.Receive($buffer); [Threading.Thread]::SpinWait(20000); $socket.Available }
            """);
        Assert.Equal(1000, ahead.Count);
        Assert.All(ahead, bytes => Assert.Equal(0, bytes));
    }

    [Fact]
    public void A_list_of_which_the_first_is_enough_is_sent_no_further()
    {
        _session["messages"] = Enumerable.Range(0, 1000).Select(i => (object)$"{i}").ToArray();
        Assert.Single(_session.Run("Send-UdpMessage 127.0.0.1 $port $messages | Select-First"));
        Assert.Equal("0", _peer.Receive());
        Assert.False(_peer.HasMore);
    }

    [Fact]
    public void Rounds_keep_their_distance_where_nothing_can_be_sent_and_rows_need_none()
    {
        using (PowerShell rounds = _session.Create("Send-UdpMessage 127.1 $port hi -Count 3 -Delay 0.2"))
        {
            DateTime[] times = rounds.Invoke<UdpSentMessage>().Select(sent => sent.SentAt).ToArray();
            Assert.Equal(3, times.Length);
            Assert.InRange((times[2] - times[0]).TotalSeconds, 0.38, double.MaxValue);
        }

        using PowerShell rows = _session.Create("'a', 'b' | Send-UdpMessage 127.1 $port -Delay 3600");
        IAsyncResult run = rows.BeginInvoke();
        Until.True(() => run.IsCompleted, "no row waits");
        Assert.Equal(2, rows.EndInvoke(run).Count);
    }

    [Fact]
    public void A_stop_may_come_when_the_command_has_ended()
    {
        var stopSignal = new StopSignal();
        stopSignal.Delay(0);
        stopSignal.Dispose();
        stopSignal.Stop();
        Assert.False(stopSignal.Token.IsCancellationRequested);
    }

    [Fact]
    public void A_delay_can_be_interrupted()
    {
        using PowerShell powerShell = _session.Create("Send-UdpMessage 127.0.0.1 $port hi -Count 2 -Delay 3600");
        IAsyncResult run = powerShell.BeginInvoke();
        Assert.Equal("hi", _peer.Receive());
        powerShell.Stop();
        Until.True(() => run.IsCompleted, "the command has stopped");
        Assert.False(_peer.HasMore);
    }

    private static void LookAt(UdpSentMessage sent, Action<Socket> look) => look(RawPeerSocket.Of(sent.Exchange!));
}
