using System;
using System.Globalization;
using System.Management.Automation;
using System.Net;
using System.Net.Sockets;
using UdpPS.Display;
using UdpPS.Sending;
using UdpPS.Sockets;

namespace UdpPS;

/// <summary>Every error the module writes: id, category, target and remedy.</summary>
internal static class ErrorRecords
{
    internal static ErrorRecord AddressInUse(string endPoint, Exception exception, string? hint = null) => Create(
        "UdpAddressInUse",
        ErrorCategory.ResourceBusy,
        endPoint,
        exception,
        $"{endPoint} is in use.",
        "Stop what uses the port (on Linux 'ss -ulnp', on Windows Get-NetUDPEndpoint shows it), choose another port, or 0 for "
            + "any free one." + hint);

    internal static ErrorRecord AddressNotAvailable(string address, Exception exception) => Create(
        "UdpAddressNotAvailable",
        ErrorCategory.InvalidArgument,
        address,
        exception,
        $"'{address}' is not an address of this machine.",
        "Give -LocalAddress an address that this machine has, or 'Any' to listen on every one.");

    internal static ErrorRecord AccessDenied(string endPoint, Exception exception) => Create(
        "UdpAccessDenied",
        ErrorCategory.PermissionDenied,
        endPoint,
        exception,
        $"The system does not allow {endPoint} to be used.",
        "Ports below 1024 need elevated rights on Linux and macOS: choose a higher port. If the port is not the reason, a "
            + "firewall or a reserved port range may be.");

    internal static ErrorRecord HostNotFound(string host, Exception exception) => Create(
        "UdpHostNotFound",
        ErrorCategory.ObjectNotFound,
        host,
        exception,
        $"The name '{host}' cannot be resolved to an address.",
        "Check the spelling and the name server, or give the address itself.");

    internal static ErrorRecord AddressFamilyMismatch(string host, AddressFamily wanted, Exception exception)
    {
        string family = wanted == AddressFamily.InterNetworkV6 ? "IPv6" : "IPv4";
        return Create(
            "UdpAddressFamilyMismatch",
            ErrorCategory.InvalidArgument,
            host,
            exception,
            $"'{host}' has no {family} address, and {family} was asked for.",
            "Leave out -IPv4 or -IPv6, or give addresses of one family: -LocalAddress, server, group and interface must agree.");
    }

    internal static ErrorRecord AddressFamilyConflict() => Create(
        "UdpAddressFamilyMismatch",
        ErrorCategory.InvalidArgument,
        "-IPv4 -IPv6",
        null,
        "-IPv4 and -IPv6 exclude each other.",
        "Leave out one of them, or both: then IPv4 is used where there is an IPv4 address, and IPv6 where there is not.");

    internal static ErrorRecord MessageTooLong(object message, int length, IPEndPoint remote, Exception exception)
    {
        int limit = DatagramSize.MaximumPayload(remote.Address);
        string reason = length > limit
            ? $"a datagram to {remote} carries at most {limit} bytes"
            : $"the path to {remote} takes no datagram of that size unfragmented";
        return Create(
            "UdpMessageTooLong",
            ErrorCategory.LimitsExceeded,
            message,
            exception,
            $"The message has {length} bytes, and {reason}. Nothing was sent.",
            "Send it in parts. A payload of up to 1232 bytes crosses every network unfragmented (RFC 8085 section 3.2).");
    }

    internal static ErrorRecord AckTooLong(object target, int length, int limit) => Create(
        "UdpMessageTooLong",
        ErrorCategory.LimitsExceeded,
        target,
        null,
        $"The ack has {length} bytes, and one datagram carries at most {limit}. It is not sent.",
        "Send a shorter ack. Up to 1232 bytes cross every network unfragmented (RFC 8085 section 3.2).");

    internal static ErrorRecord BroadcastNotAllowed(string server, Exception exception) => Create(
        "UdpBroadcastNotAllowed",
        ErrorCategory.PermissionDenied,
        server,
        exception,
        $"'{server}' is a broadcast address.",
        "Add -Broadcast if everyone on that network is meant; Receive-UdpAck -All then shows everyone who answers.");

    internal static ErrorRecord NetworkUnreachable(object target, string endPoint, Exception exception) => Create(
        "UdpNetworkUnreachable",
        ErrorCategory.ConnectionError,
        target,
        exception,
        $"{endPoint} cannot be reached: {ReasonOf(exception)}.",
        "Check the address, the routing table and that the interface is up; for a link-local IPv6 address add the "
            + "interface, as in fe80::1%eth0.");

    internal static ErrorRecord InvalidNetwork(string network, Exception exception) => Create(
        "UdpInvalidNetwork",
        ErrorCategory.InvalidArgument,
        network,
        exception,
        $"'{network}' is neither an address nor a network.",
        "Write an address (192.168.1.7, fd00::7) or a network in CIDR notation (192.168.1.0/24, fd00::/8).");

    internal static ErrorRecord InvalidMulticastGroup(string group) => Create(
        "UdpInvalidMulticastGroup",
        ErrorCategory.InvalidArgument,
        group,
        null,
        $"'{group}' is not a multicast address.",
        "Groups are 224.0.0.0 to 239.255.255.255, or begin with ff for IPv6; 239.0.0.0/8 is free for use on one site.");

    internal static ErrorRecord LocalAddressWithGroup(string address) => Create(
        "UdpLocalAddressWithGroup",
        ErrorCategory.InvalidArgument,
        address,
        null,
        $"-MulticastGroup does not go with -LocalAddress {address}: on many systems a socket that is bound to one address gets no group.",
        "Leave out -LocalAddress, and name the interface to join the group on with -Interface.");

    internal static ErrorRecord NoOutputWithoutAckScript() => Create(
        "UdpNoOutputWithoutAckScript",
        ErrorCategory.InvalidArgument,
        "-NoOutput",
        null,
        "-NoOutput emits no messages, and an ack says that a message was delivered.",
        "Add -AckScript, which then handles the messages, or -NoAck, or leave out -NoOutput.");

    internal static ErrorRecord InterfaceNotFound(string networkInterface) => Create(
        "UdpInterfaceNotFound",
        ErrorCategory.ObjectNotFound,
        networkInterface,
        null,
        $"This machine has no network interface '{networkInterface}'.",
        "Give its name, its index, or an address it has; 'ip address' or Get-NetIPAddress lists them.");

    internal static ErrorRecord InterfaceWithoutGroup(string networkInterface) => Create(
        "UdpInterfaceWithoutGroup",
        ErrorCategory.InvalidArgument,
        networkInterface,
        null,
        "-Interface says where a multicast group is joined, and no group is given.",
        "Add -MulticastGroup, or use -LocalAddress to listen on one address.");

    internal static ErrorRecord NameWithoutJob(string name) => Create(
        "UdpNameWithoutJob",
        ErrorCategory.InvalidArgument,
        name,
        null,
        "-Name names a job, and none was asked for.",
        "Add -AsJob, or leave out -Name.");

    internal static ErrorRecord ListenerFailed(string endPoint, Exception? exception) => Create(
        "UdpListenerFailed",
        ErrorCategory.ConnectionError,
        endPoint,
        exception,
        $"The listener on {endPoint} stopped unexpectedly: {exception?.Message ?? "its socket was closed."}",
        "Start it again. If it persists, look at the system's limits on open files and network buffers.");

    internal static ErrorRecord UsingVariableNotFound(string name) => Create(
        "UdpUsingVariableNotFound",
        ErrorCategory.ObjectNotFound,
        "$using:" + name,
        null,
        $"-AckScript wants $using:{name}, and there is no variable ${name}.",
        "Set it before the listener is started, or check the spelling.");

    internal static ErrorRecord OutBufferNotAllowed() => Create(
        "UdpOutBufferNotAllowed",
        ErrorCategory.InvalidArgument,
        "-OutBuffer",
        null,
        "-OutBuffer holds messages back from the pipeline, and an ack says that the pipeline took its message.",
        "Leave out -OutBuffer, or add -NoAck.");

    internal static ErrorRecord MessageMissing(object input) => Create(
        "UdpMessageMissing",
        ErrorCategory.InvalidData,
        input,
        null,
        "The object has a Server or Port property, but no message.",
        "Give the message with -Message, or add a Message property (a column, in a CSV).");

    internal static ErrorRecord SocketFailed(object target, string endPoint, Exception exception) => Create(
        "UdpSocketError",
        ErrorCategory.ConnectionError,
        target,
        exception,
        $"The socket for {endPoint} failed: {ReasonOf(exception)}.",
        "Try again; if it persists, look at the system's limits on open files and network buffers.");

    internal static ErrorRecord AckTimeout(UdpSentMessage message) => Create(
        "UdpAckTimeout",
        ErrorCategory.OperationTimeout,
        message,
        new TimeoutException("No acknowledgment came in time."),
        message.IsUnmatched
            ? $"No ack from {EndPointOf(message)} can be matched: port {message.LocalPort} carried other messages there too, and "
                + "which of them an answer belongs to cannot be told."
            : $"No ack came from {EndPointOf(message)} ({Attempts(message)}"
                + $"{(message.Reason is null ? string.Empty : "; " + message.Reason)}). The message, its ack, or neither may have arrived.",
        message.IsUnmatched
            ? "Pipe Send-UdpMessage straight into Receive-UdpAck, without -LocalPort; or use -MaximumRetryCount: a message sent "
                + "again has a port of its own."
            : "Check that something listens there and answers, and that firewalls let UDP through both ways; raise "
                + "-TimeoutSeconds for a slow peer, -MaximumRetryCount for a lossy path.");

    internal static ErrorRecord PortClosed(UdpSentMessage message) => Create(
        "UdpPortClosed",
        ErrorCategory.ConnectionError,
        message,
        new SocketException((int)SocketError.ConnectionRefused),
        $"Nothing listens on {EndPointOf(message)}: its machine answered 'port unreachable' ({Attempts(message)}).",
        "Start the listener, or check the port. If it listens on loopback only, start it with -LocalAddress Any.");

    internal static ErrorRecord AckScriptFailed(UdpMessage message, string reason, Exception? exception) => Create(
        "UdpAckScriptFailed",
        ErrorCategory.InvalidResult,
        message,
        exception,
        $"-AckScript made no ack for {message.RemoteEndPoint}: {reason} The message was not acknowledged.",
        "Let the script block output one string, or bytes, or nothing for no ack. $_ is the message.");

    internal static ErrorRecord ReplyTooLarge(UdpMessage message, int length) => Create(
        "UdpReplyTooLarge",
        ErrorCategory.LimitsExceeded,
        message,
        null,
        $"The ack of {length} bytes to {message.RemoteEndPoint} is more than three times its message of {message.Length} bytes, and "
            + "was not sent: whoever forged the address could use it against that machine.",
        "Send a shorter ack, or name the networks that may ask with -AllowFrom.");

    /// <summary>What went wrong when a local address and port were to be bound.</summary>
    internal static ErrorRecord BindFailed(string address, int port, SocketException exception)
    {
        string endPoint = EndPointText.Format(address, port);
        return exception.SocketErrorCode switch
        {
            SocketError.AddressAlreadyInUse => AddressInUse(endPoint, exception),
            SocketError.AddressNotAvailable => AddressNotAvailable(address, exception),
            SocketError.AccessDenied => AccessDenied(endPoint, exception),
            _ => SocketFailed(endPoint, endPoint, exception),
        };
    }

    /// <summary>What went wrong when a message was to be sent.</summary>
    /// <param name="message">The message.</param>
    /// <param name="input">The object that the user gave as the message.</param>
    /// <param name="options">How it was to be sent.</param>
    /// <param name="exception">What the socket said.</param>
    internal static ErrorRecord SendFailed(
        UdpSentMessage message, object input, SendOptions options, SocketException exception)
    {
        IPEndPoint remote = message.RemoteEndPoint;
        string endPoint = remote.ToString();
        switch (exception.SocketErrorCode)
        {
            case SocketError.MessageSize:
                return MessageTooLong(input, message.Length, remote, exception);
            case SocketError.AddressAlreadyInUse:
                return AddressInUse(
                    EndPointText.Format((options.LocalAddress ?? AnyOf(remote)).ToString(), options.LocalPort),
                    exception,
                    " A port fixed with -LocalPort can talk to one peer at a time.");
            case SocketError.AddressNotAvailable when options.LocalAddress is not null:
                return BindFailed(options.LocalAddress.ToString(), options.LocalPort, exception);
            case SocketError.AccessDenied when !options.Broadcast && remote.Address.IsBroadcast():
                return BroadcastNotAllowed(message.Server, exception);
            case SocketError.AccessDenied:
                return AccessDenied(
                    options.LocalPort == 0 ? endPoint : EndPointText.Format(AnyOf(remote).ToString(), options.LocalPort), exception);
            case SocketError.NetworkUnreachable:
            case SocketError.HostUnreachable:
            case SocketError.NetworkDown:
            case SocketError.AddressNotAvailable:
                return NetworkUnreachable(message.Server, endPoint, exception);
            default:
                return SocketFailed(message.Server, endPoint, exception);
        }
    }

    /// <summary>What went wrong when a name was resolved.</summary>
    internal static ErrorRecord ResolveFailed(string host, AddressFamily wanted, SocketException exception) =>
        exception.SocketErrorCode == SocketError.AddressFamilyNotSupported
            ? AddressFamilyMismatch(host, wanted, exception)
            : HostNotFound(host, exception);

    /// <summary>What went wrong with a message that got no ack, by its settled status.</summary>
    internal static ErrorRecord NotAcknowledged(UdpSentMessage message) => message.Status switch
    {
        UdpSendStatus.PortClosed => PortClosed(message),
        UdpSendStatus.Unreachable => NetworkUnreachable(
            message,
            EndPointOf(message),
            new SocketException((int)(message.NetworkReport ?? SocketError.HostUnreachable))),
        _ when message.NetworkReport is { } failure =>
            SocketFailed(message, EndPointOf(message), new SocketException((int)failure)),
        _ => AckTimeout(message),
    };

    /// <summary>
    /// A script's own error, as it may be shown: it may quote what came from the network, in its text, in its exception and in
    /// its target.
    /// </summary>
    /// <returns>The same record where there is nothing to escape.</returns>
    internal static ErrorRecord WithoutControlCharacters(ErrorRecord error)
    {
        string text = error.ErrorDetails?.Message ?? error.Exception.Message;
        string safeText = ControlCharacterEscaper.Escape(text);
        object? safeTarget = error.TargetObject is string target ? ControlCharacterEscaper.Escape(target) : error.TargetObject;
        string safeName = ControlCharacterEscaper.Escape(error.CategoryInfo.TargetName);
        if (safeText == text && Equals(safeTarget, error.TargetObject) && safeName == error.CategoryInfo.TargetName)
        {
            return error;
        }

        var safe = new ErrorRecord(
            new InvalidOperationException(safeText), error.FullyQualifiedErrorId, error.CategoryInfo.Category, safeTarget);
        safe.CategoryInfo.Activity = error.CategoryInfo.Activity;
        safe.CategoryInfo.Reason = error.CategoryInfo.Reason;
        safe.CategoryInfo.TargetName = safeName;
        safe.CategoryInfo.TargetType = error.CategoryInfo.TargetType;
        return safe;
    }

    private static Exception WithoutControlCharacters(Exception exception)
    {
        string safe = ControlCharacterEscaper.Escape(exception.Message);
        return safe == exception.Message ? exception : new InvalidOperationException(safe);
    }

    // Where a connect fails, .NET's own text repeats the endpoint.
    private static string ReasonOf(Exception exception) =>
        exception is SocketException { SocketErrorCode: var error } ? new SocketException((int)error).Message : exception.Message;

    private static IPAddress AnyOf(IPEndPoint remote) =>
        remote.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any;

    private static string EndPointOf(UdpSentMessage message) => message.RemoteEndPoint.ToString();

    private static string Attempts(UdpSentMessage message) =>
        message.Attempts == 1 ? "1 attempt" : message.Attempts.ToString(CultureInfo.InvariantCulture) + " attempts";

    private static ErrorRecord Create(
        string id, ErrorCategory category, object target, Exception? exception, string message, string remedy) =>
        new(WithoutControlCharacters(exception ?? new InvalidOperationException(message)), id, category, target)
        {
            // It may quote what came from the network.
            ErrorDetails = new ErrorDetails(ControlCharacterEscaper.Escape(message)) { RecommendedAction = remedy },
        };
}
