using System;
using System.Management.Automation;
using System.Net;
using System.Net.Sockets;
using System.Text;
using UdpPS.Sockets;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Cmdlets;

/// <summary>Bad input: each error has its id, its category, what the user gave as its target, and a remedy.</summary>
public sealed class ErrorTests : IDisposable
{
    private readonly Session _session = new();
    private readonly RawSocket _taken = new();

    public ErrorTests()
    {
        _session["taken"] = _taken.Port;

        // One that starts all the same ends, and lacks its error.
        _session.Run("$PSDefaultParameterValues['Start-UdpListener:TimeoutSeconds'] = 0.01");
    }

    public void Dispose()
    {
        _taken.Dispose();
        _session.Dispose();
    }

    [Theory]
    [InlineData("Start-UdpListener -LocalAddress nosuch.invalid", "UdpHostNotFound", ErrorCategory.ObjectNotFound, "nosuch.invalid")]
    [InlineData("Start-UdpListener -LocalAddress ''", "ParameterArgumentValidationError", ErrorCategory.InvalidData, null)]
    [InlineData("Start-UdpListener -LocalAddress 192.0.2.1", "UdpAddressNotAvailable", ErrorCategory.InvalidArgument, "192.0.2.1")]
    [InlineData("Start-UdpListener -Port -1", "ParameterArgumentValidationError", ErrorCategory.InvalidData, null)]
    [InlineData("Start-UdpListener -Port 65536", "ParameterArgumentValidationError", ErrorCategory.InvalidData, null)]
    [InlineData("Start-UdpListener -AllowFrom 10.0.0.0/8, 1.2.3.4/40", "UdpInvalidNetwork", ErrorCategory.InvalidArgument, "1.2.3.4/40")]
    [InlineData("Start-UdpListener -Port 0 -AllowFrom 10.0.0.0/8, '[fd00::7]:4010'", "UdpInvalidNetwork", ErrorCategory.InvalidArgument, "[fd00::7]:4010")]
    [InlineData("Start-UdpListener -Port 0 -AllowFrom '[fd00::7]'", "UdpInvalidNetwork", ErrorCategory.InvalidArgument, "[fd00::7]")]
    [InlineData("Start-UdpListener -Port 0 -AllowFrom [::1]:53", "UdpInvalidNetwork", ErrorCategory.InvalidArgument, "[::1]:53")]
    [InlineData("Start-UdpListener -AllowFrom 10.1.1.1:53", "UdpInvalidNetwork", ErrorCategory.InvalidArgument, "10.1.1.1:53")]
    [InlineData("Start-UdpListener -LocalAddress [::1]:53", "UdpAddressNotAvailable", ErrorCategory.InvalidArgument, "[::1]:53")]
    [InlineData("Start-UdpListener -LocalAddress 127.1", "UdpAddressNotAvailable", ErrorCategory.InvalidArgument, "127.1")]
    [InlineData("Start-UdpListener -MulticastGroup '[ff02::40]:53'", "UdpInvalidMulticastGroup", ErrorCategory.InvalidArgument, "[ff02::40]:53")]
    [InlineData("Start-UdpListener -MulticastGroup 239.1.1.1:53", "UdpInvalidMulticastGroup", ErrorCategory.InvalidArgument, "239.1.1.1:53")]
    [InlineData("Start-UdpListener -MulticastGroup 10.1.1.1", "UdpInvalidMulticastGroup", ErrorCategory.InvalidArgument, "10.1.1.1")]
    [InlineData("Start-UdpListener -MulticastGroup 239.1.1.1 -Interface nosuch0", "UdpInterfaceNotFound", ErrorCategory.ObjectNotFound, "nosuch0")]
    [InlineData("Start-UdpListener -Interface lo", "UdpInterfaceWithoutGroup", ErrorCategory.InvalidArgument, "lo")]
    [InlineData("Start-UdpListener -Name x", "UdpNameWithoutJob", ErrorCategory.InvalidArgument, "x")]
    [InlineData("Start-UdpListener -Port 0 -MulticastGroup ff02::40 -LocalAddress 0.0.0.0", "UdpAddressFamilyMismatch", ErrorCategory.InvalidArgument, "0.0.0.0")]
    [InlineData("Start-UdpListener -Port 0 -MulticastGroup 239.255.40.10 -LocalAddress 127.0.0.1", "UdpLocalAddressWithGroup", ErrorCategory.InvalidArgument, "127.0.0.1")]
    [InlineData("Start-UdpListener -Port 0 -NoOutput", "UdpNoOutputWithoutAckScript", ErrorCategory.InvalidArgument, "-NoOutput")]
    [InlineData("Start-UdpListener -Port 0 -AsJob -AckScript { $using:nosuch }", "UdpUsingVariableNotFound", ErrorCategory.ObjectNotFound, "$using:nosuch")]
    [InlineData("Start-UdpListener -Port 0 -AsJob -AckScript { $using:env:NO_SUCH_VARIABLE }", "UdpUsingVariableNotFound", ErrorCategory.ObjectNotFound, "$using:env:NO_SUCH_VARIABLE")]
    [InlineData("Start-UdpListener -OutBuffer 5", "UdpOutBufferNotAllowed", ErrorCategory.InvalidArgument, "-OutBuffer")]
    [InlineData("Start-UdpListener -Encoding nope", "ParameterArgumentTransformationError", ErrorCategory.InvalidData, null)]
    [InlineData("Start-UdpListener -Port 0 -AckMessage é -Encoding ([Text.Encoding]::GetEncoding('us-ascii', [Text.EncoderFallback]::ExceptionFallback, [Text.DecoderFallback]::ReplacementFallback))", "UdpMessageNotText", ErrorCategory.InvalidData, "é")]
    [InlineData("Start-UdpListener -NoAck -AckMessage x", "AmbiguousParameterSet", ErrorCategory.InvalidArgument, null)]
    [InlineData("Send-UdpMessage nosuch.invalid 9 hi", "UdpHostNotFound", ErrorCategory.ObjectNotFound, "nosuch.invalid")]
    [InlineData("Send-UdpMessage '' 9 hi", "UdpInvalidServer", ErrorCategory.InvalidArgument, "")]
    [InlineData("Send-UdpMessage ::1 9 hi -IPv4", "UdpAddressFamilyMismatch", ErrorCategory.InvalidArgument, "::1")]
    [InlineData("Send-UdpMessage 127.0.0.1 9 hi -IPv6", "UdpAddressFamilyMismatch", ErrorCategory.InvalidArgument, "127.0.0.1")]
    [InlineData("Send-UdpMessage ::1 9 hi -LocalAddress 127.0.0.1", "UdpAddressFamilyMismatch", ErrorCategory.InvalidArgument, "::1")]
    [InlineData("Send-UdpMessage 127.0.0.1 9 hi -LocalAddress ::1 -IPv4", "UdpAddressFamilyMismatch", ErrorCategory.InvalidArgument, "::1")]
    [InlineData("Send-UdpMessage 127.0.0.1 9 hi -IPv4 -IPv6", "UdpAddressFamilyMismatch", ErrorCategory.InvalidArgument, "-IPv4 -IPv6")]
    [InlineData("Send-UdpMessage 127.0.0.1 9 hi -LocalAddress 192.0.2.1", "UdpAddressNotAvailable", ErrorCategory.InvalidArgument, "192.0.2.1")]
    [InlineData("Send-UdpMessage 127.255.255.255 9 hi", "UdpBroadcastNotAllowed", ErrorCategory.PermissionDenied, "127.255.255.255")]
    [InlineData("Send-UdpMessage 127.0.0.1 0 hi", "UdpInvalidPort", ErrorCategory.InvalidArgument, "0")]
    [InlineData("Send-UdpMessage 127.0.0.1 9,x hi", "UdpInvalidPort", ErrorCategory.InvalidArgument, "x")]
    [InlineData("Send-UdpMessage 127.0.0.1 ([byte[]](1, 2)) hi", "UdpInvalidPort", ErrorCategory.InvalidArgument, "1 2")]
    [InlineData("Send-UdpMessage 127.0.0.1 @() hi", "UdpInvalidPort", ErrorCategory.InvalidArgument, "")]
    [InlineData("Send-UdpMessage 127.0.0.1 $null hi", "UdpInvalidPort", ErrorCategory.InvalidArgument, "")]
    [InlineData("Send-UdpMessage 127.0.0.1 9 hi | Receive-UdpAck -All -Quiet", "UdpAllNotAllowed", ErrorCategory.InvalidArgument, "-All")]
    [InlineData("Send-UdpMessage 127.0.0.1 9 hi -Encoding nope", "ParameterArgumentTransformationError", ErrorCategory.InvalidData, null)]
    [InlineData("Send-UdpMessage 127.0.0.1 9 hi -Interactive", "PositionalParameterNotFound", ErrorCategory.InvalidArgument, null)]
    public void Bad_input_is_a_clear_error(string script, string id, ErrorCategory category, string? target)
    {
        ErrorRecord error = _session.RunToError(script);
        Assert.StartsWith(id + ",", error.FullyQualifiedErrorId);
        Assert.Equal(category, error.CategoryInfo.Category);
        if (target is not null)
        {
            Assert.Equal(target, error.TargetObject);
            Assert.NotEmpty(error.ErrorDetails.Message);
            Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
        }
    }

    // Other than its target it has the port, where there is one: it is what the error view of CategoryView shows.
    [Theory]
    [InlineData("Send-UdpMessage nosuch.invalid 9 hi", "nosuch.invalid:9")]
    [InlineData("Send-UdpMessage ::1 9 hi -IPv4", "[::1]:9")]
    [InlineData("Send-UdpMessage ::1 9 hi -LocalAddress 127.0.0.1", "[::1]:9")]
    [InlineData("Send-UdpMessage 127.255.255.255 9 hi", "127.255.255.255:9")]
    [InlineData("Send-UdpMessage fe80::1 9 hi", "[fe80::1]:9")]
    [InlineData("Send-UdpMessage 127.0.0.1 9 ('x' * 70000)", "127.0.0.1:9")]
    [InlineData("Send-UdpMessage 127.0.0.1 9 @{ a = 1 }", "127.0.0.1:9")]
    [InlineData("[pscustomobject]@{ Server = '127.0.0.1'; Port = 9 } | Send-UdpMessage", "127.0.0.1:9")]
    [InlineData("1 | Send-UdpMessage 127.0.0.1 9 -Message { throw 'x' }", "127.0.0.1:9")]
    [InlineData("Send-UdpMessage 127.0.0.1 x hi", "127.0.0.1")]
    [InlineData("Send-UdpMessage 127.0.0.1 9 hi -LocalAddress ::1 -IPv4", "::1")]
    [InlineData("Send-UdpMessage 127.0.0.1 9 hi -LocalAddress nosuch.invalid", "nosuch.invalid")]
    [InlineData("Send-UdpMessage 127.0.0.1 9 hi -LocalAddress 192.0.2.1", "192.0.2.1")]
    [InlineData("Start-UdpListener -LocalAddress nosuch.invalid", "nosuch.invalid")]
    [InlineData("Start-UdpListener -LocalAddress 192.0.2.1", "192.0.2.1")]
    public void The_target_name_is_what_the_error_is_about(string script, string name) =>
        Assert.Equal(name, _session.RunToError(script).CategoryInfo.TargetName);

    [Theory]
    [InlineData("Start-UdpListener -Port 0 -MulticastGroup 239.255.40.10, ff02::40 -LocalAddress 0.0.0.0", "'0.0.0.0' has no IPv6 address,")]
    [InlineData("Start-UdpListener -Port 0 -MulticastGroup ff02::40, 239.255.40.10 -LocalAddress ::", "'::' has no IPv4 address,")]
    [InlineData("Send-UdpMessage ::1 9 hi -LocalAddress 127.0.0.1", "'::1' has no IPv4 address,")]
    [InlineData("Send-UdpMessage 127.0.0.1 9 hi -LocalAddress ::1", "'127.0.0.1' has no IPv6 address,")]
    [InlineData("Send-UdpMessage 127.0.0.1 9 hi -LocalAddress ::1 -IPv4", "'::1' has no IPv4 address,")]
    [InlineData("Send-UdpMessage 127.0.0.1 x hi", "'x' is not a port, so nothing was sent to '127.0.0.1'.")]
    [InlineData("Start-UdpListener -Port 0 -AckMessage ('x' * 65508)", "The ack has 65508 bytes, and one datagram carries at most 65507.")]
    [InlineData("Start-UdpListener -Port 0 -AckMessage é -Encoding ([Text.Encoding]::GetEncoding('us-ascii', [Text.EncoderFallback]::ExceptionFallback, [Text.DecoderFallback]::ReplacementFallback))", "The ack has characters that us-ascii cannot write.")]
    public void The_text_says_what_does_not_fit(string script, string text) =>
        Assert.StartsWith(text, _session.RunToError(script).ErrorDetails.Message);

    [Theory]
    [InlineData("Start-UdpListener -LocalAddress [::1]:53", "-Port")]
    [InlineData("Send-UdpMessage 127.0.0.1 9 hi -LocalAddress [::1]:53", "-LocalPort")]
    public void A_port_in_the_local_address_belongs_in_a_parameter_of_that_command(string script, string parameter) =>
        Assert.EndsWith($"with {parameter}.", _session.RunToError(script).ErrorDetails.RecommendedAction);

    [Theory]
    [InlineData("Start-UdpListener -Port $taken", "127.0.0.1")]
    [InlineData("Start-UdpListener -Port $taken -LocalAddress Any", "Any")]
    [InlineData("Send-UdpMessage 127.0.0.1 9 hi -LocalPort $taken -LocalAddress 127.0.0.1", "127.0.0.1")]
    public void A_port_in_use_is_named(string script, string address)
    {
        ErrorRecord error = _session.RunToError(script);
        Assert.StartsWith("UdpAddressInUse,", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.ResourceBusy, error.CategoryInfo.Category);
        Assert.Equal($"{address}:{_taken.Port}", error.TargetObject);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
    }

    [Fact]
    public void A_message_that_is_too_long_is_the_target_of_its_error()
    {
        ErrorRecord error = _session.RunToError("$long = 'x' * 70000; Send-UdpMessage 127.0.0.1 9 $long");
        Assert.StartsWith("UdpMessageTooLong,", error.FullyQualifiedErrorId);
        Assert.Equal(70000, Assert.IsType<string>(error.TargetObject).Length);
        Assert.Contains("70000 bytes", error.ErrorDetails.Message);
    }

    [Fact]
    public void A_record_without_a_message_is_the_target_of_its_error()
    {
        ErrorRecord error = _session.RunToError("[pscustomobject]@{ Server = '127.0.0.1' } | Send-UdpMessage");
        Assert.StartsWith("UdpMessageMissing,", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.InvalidData, error.CategoryInfo.Category);
        Assert.IsType<PSCustomObject>(PSObject.AsPSObject(error.TargetObject).BaseObject);
    }

    [Theory]
    [InlineData("throw 'no idea'", "no idea", typeof(RuntimeException))]
    [InlineData("Write-Failure; 'text'", "no idea", typeof(FormatException))]
    public void A_script_that_makes_no_message_tells_why_and_for_which_object(string script, string reason, Type cause)
    {
        _session.Run("""
            function global:Write-Failure {
                [CmdletBinding()] param()
                $PSCmdlet.WriteError([System.Management.Automation.ErrorRecord]::new([FormatException]::new('no idea'), 'id', 'NotSpecified', 1))
            }
            """);
        ErrorRecord error = _session.RunToError($"7 | Send-UdpMessage 127.0.0.1 9 -Message {{ {script} }}");
        Assert.StartsWith("UdpMessageScriptFailed,", error.FullyQualifiedErrorId);
        Assert.Equal($"The script block of -Message made no message for 127.0.0.1:9: {reason}.", error.Exception.Message);
        Assert.Equal(7, PSObject.AsPSObject(error.TargetObject).BaseObject);
        Assert.Equal(reason, error.Exception.InnerException!.Message);
        Assert.Contains(cause, new[] { error.Exception.InnerException.GetType(), error.Exception.InnerException.InnerException?.GetType() });
    }

    [Theory]
    [InlineData(SocketError.AddressAlreadyInUse, "UdpAddressInUse", ErrorCategory.ResourceBusy)]
    [InlineData(SocketError.AddressNotAvailable, "UdpAddressNotAvailable", ErrorCategory.InvalidArgument)]
    [InlineData(SocketError.AccessDenied, "UdpAccessDenied", ErrorCategory.PermissionDenied)]
    [InlineData(SocketError.TooManyOpenSockets, "UdpSocketError", ErrorCategory.ConnectionError)]
    public void A_bind_that_fails_is_told_by_its_reason(SocketError reason, string id, ErrorCategory category)
    {
        ErrorRecord error = ErrorRecords.ListenFailed("127.0.0.1", 53, new SocketException((int)reason));
        Assert.Equal(id, error.FullyQualifiedErrorId);
        Assert.Equal(category, error.CategoryInfo.Category);
        Assert.Contains("127.0.0.1", error.TargetObject.ToString());
    }

    // A firewall forbids the peer, and the system forbids a port of its own.
    [Theory]
    [InlineData(null, 0, "192.0.2.1", "192.0.2.1:9")]
    [InlineData(null, 53, "192.0.2.1", "0.0.0.0:53")]
    [InlineData(null, 53, "2001:db8::1", "[::]:53")]
    [InlineData("127.0.0.2", 53, "192.0.2.1", "127.0.0.2:53")]
    [InlineData("127.0.0.2", 0, "192.0.2.1", "192.0.2.1:9")]
    public void What_is_denied_is_the_peer_or_the_local_port_if_there_is_one(
        string? localAddress, int localPort, string server, string denied)
    {
        var message = new UdpSentMessage("there", new IPEndPoint(IPAddress.Parse(server), 9), [], null, Encoding.UTF8);
        ErrorRecord error = ErrorRecords.SendFailed(
            message,
            "hi",
            new SendOptions { LocalAddress = localAddress is null ? null : IPAddress.Parse(localAddress), LocalPort = localPort },
            new SocketException((int)SocketError.AccessDenied));
        Assert.Equal("UdpAccessDenied", error.FullyQualifiedErrorId);
        Assert.Equal(denied, error.TargetObject);
        Assert.Equal(denied, error.CategoryInfo.TargetName);
        Assert.Contains($" {denied} ", error.ErrorDetails.Message);
    }

    [Theory]
    [InlineData(SocketError.NetworkUnreachable)]
    [InlineData(SocketError.HostUnreachable)]
    [InlineData(SocketError.NetworkDown)]
    public void A_network_that_is_away_is_told(SocketError reason)
    {
        var remote = new IPEndPoint(IPAddress.Parse("192.0.2.1"), 9);
        var message = new UdpSentMessage("there", remote, [], null, Encoding.UTF8);
        ErrorRecord error = ErrorRecords.SendFailed(message, "hi", new SendOptions(), new Failure(reason));
        Assert.Equal("UdpNetworkUnreachable", error.FullyQualifiedErrorId);
        Assert.Single(error.ErrorDetails.Message.Split("192.0.2.1:9"), part => part.Length > 0);
        Assert.Equal(ErrorCategory.ConnectionError, error.CategoryInfo.Category);
        Assert.Equal("there", error.TargetObject);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
    }

    // The texts of Windows end in a full stop, those of other systems do not.
    [Theory]
    [InlineData("Broken", "Broken.")]
    [InlineData("Broken.", "Broken.")]
    [InlineData("Broken!", "Broken!")]
    public void A_sentence_has_one_full_stop_at_its_end(string reason, string end)
    {
        var failure = new InvalidOperationException(reason);
        var message = new UdpMessage("x", "192.0.2.1", 9);
        Assert.All(
            [
                ErrorRecords.SocketFailed("x", "x", failure),
                ErrorRecords.NetworkUnreachable("x", "x", reason, failure, "none"),
                ErrorRecords.ListenerFailed("x", failure),
                ErrorRecords.AckScriptFailed(message, reason, failure),
            ],
            error =>
            {
                Assert.Contains($": {end}", error.ErrorDetails.Message);
                Assert.DoesNotContain("..", error.ErrorDetails.Message);
            });
    }

    [Fact]
    public void Bad_input_leaves_no_socket_behind()
    {
        int before = ProcessSockets.CountInUse();
        foreach (string script in new[]
        {
            "Send-UdpMessage nosuch.invalid 9 hi",
            "Send-UdpMessage 127.255.255.255 9 hi",
            "Send-UdpMessage 127.0.0.1 9 ('x' * 70000)",
            "Send-UdpMessage 127.0.0.1 9 hi -LocalPort $taken -LocalAddress 127.0.0.1",
            "Send-UdpMessage 127.0.0.1 9 hi -LocalAddress 192.0.2.1",
        })
        {
            _session.RunToError(script);
        }

        Assert.Equal(before, ProcessSockets.Count());
    }

    // As .NET words it when a connect fails.
    private sealed class Failure(SocketError reason) : SocketException((int)reason)
    {
        public override string Message => base.Message + " 192.0.2.1:9";
    }
}
