using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Xml;
using UdpPS.Display;
using UdpPS.Parameters;
using UdpPS.Sending;
using UdpPS.Sockets;

namespace UdpPS;

/// <summary>Every error the module writes: id, category, target and remedy.</summary>
internal static class ErrorRecords
{
    internal static ErrorRecord AddressInUse(string endPoint, Exception exception) => Create(
        "UdpAddressInUse",
        ErrorCategory.ResourceBusy,
        endPoint,
        exception,
        $"{endPoint} is in use.",
        "Stop what uses the port (on Linux 'ss -ulnp', on Windows Get-NetUDPEndpoint shows it), choose another port, or 0 for "
            + "any free one.");

    internal static ErrorRecord NoFreePort(string endPoint, int total, Exception exception) => Create(
        "UdpNoFreePort",
        ErrorCategory.ResourceUnavailable,
        endPoint,
        exception,
        $"No port is free to send to {endPoint} from: each of the {total} that this machine has for it is in use.",
        "Lower -ThrottleLimit, so that fewer messages wait for their acks at once, or widen the range (on Linux 'sysctl "
            + "net.ipv4.ip_local_port_range', on Windows 'netsh int ipv4 set dynamicport udp').");

    /// <param name="address">What was given.</param>
    /// <param name="exception">What the socket said.</param>
    /// <param name="otherwise">What to do instead of giving an address that this machine has.</param>
    internal static ErrorRecord AddressNotAvailable(string address, Exception exception, string otherwise)
    {
        bool isWithoutScope = IsWithoutScope(address);
        return Create(
            "UdpAddressNotAvailable",
            ErrorCategory.InvalidArgument,
            address,
            exception,
            isWithoutScope
                ? $"'{address}' is an address of one link, and needs the scope, which is the interface."
                : $"'{address}' is not an address of this machine.",
            isWithoutScope ? InterfacesOfMachine() : $"Give -LocalAddress an address that this machine has, or {otherwise}.");
    }

    internal static ErrorRecord AccessDenied(string endPoint, Exception exception) => Create(
        "UdpAccessDenied",
        ErrorCategory.PermissionDenied,
        endPoint,
        exception,
        $"The system does not allow {endPoint} to be used.",
        "Ports below 1024 need elevated rights on Linux and macOS: choose a higher port. If the port is not the reason, a "
            + "firewall or a reserved port range may be.");

    internal static ErrorRecord HostNotFound(string host, SocketException exception, string? endPoint = null) => Create(
        "UdpHostNotFound",
        ErrorCategory.ObjectNotFound,
        host,
        exception,
        exception.SocketErrorCode == SocketError.TimedOut
            ? $"No name server answered for '{host}' within {Sockets.NameTable.LimitSeconds} seconds."
            : $"The name '{host}' cannot be resolved to an address.",
        "Check the spelling and the name server, or give the address itself.",
        endPoint);

    internal static ErrorRecord InvalidServer(ServerName server) => Create(
        "UdpInvalidServer",
        ErrorCategory.InvalidArgument,
        server.Text,
        null,
        FaultOf(server, "a server"),
        server.Fault switch
        {
            ServerFault.HasPort => "Give the port with -Port, or in a column of its own.",
            ServerFault.NotIPv4 => "Write an IPv4 address as four numbers from 0 to 255, without leading zeros: 192.168.1.7.",
            ServerFault.UnknownScope => InterfacesOfMachine(),
            _ => "Give a name or an address.",
        });

    internal static ErrorRecord InvalidLocalAddress(ServerName address, string portParameter) => Create(
        "UdpAddressNotAvailable",
        ErrorCategory.InvalidArgument,
        address.Text,
        null,
        FaultOf(address, "an address of this machine"),
        address.Fault == ServerFault.HasPort
            ? $"Give the address alone, and the port with {portParameter}."
            : "Give an address or a name of this machine.");

    internal static ErrorRecord InvalidPort(string text, string server) => Create(
        "UdpInvalidPort",
        ErrorCategory.InvalidArgument,
        text,
        null,
        $"'{text}' is not a port, so nothing was sent to '{server}'.",
        "Give a whole number from 1 to 65535. The second position is the port; the message is the third, or -Message.",
        server);

    internal static ErrorRecord NotSendable(Payload payload, string endPoint) => payload.Fault switch
    {
        PayloadFault.Missing => MessageMissing(payload.Source, endPoint),
        PayloadFault.NotText or PayloadFault.Failed => MessageNotText(payload, endPoint),
        _ => MessageScriptFailed(payload, endPoint),
    };

    internal static ErrorRecord AddressFamilyMismatch(string host, AddressFamily wanted, Exception exception, string? endPoint = null)
    {
        string family = wanted == AddressFamily.InterNetworkV6 ? "IPv6" : "IPv4";
        return Create(
            "UdpAddressFamilyMismatch",
            ErrorCategory.InvalidArgument,
            host,
            exception,
            $"'{host}' has no {family} address, and {family} was asked for.",
            "Leave out -IPv4 or -IPv6, or give addresses of one family: -LocalAddress, server, group and interface must agree.",
            endPoint);
    }

    internal static ErrorRecord AddressFamilyConflict() => Create(
        "UdpAddressFamilyMismatch",
        ErrorCategory.InvalidArgument,
        "-IPv4 -IPv6",
        null,
        "-IPv4 and -IPv6 exclude each other.",
        "Leave out one of them, or both: then IPv4 is used where there is an IPv4 address, and IPv6 where there is not.");

    /// <param name="message">The message, or what the user gave for it.</param>
    /// <param name="length">Its length.</param>
    /// <param name="remote">Where it goes.</param>
    /// <param name="pathMtu">How many bytes the path takes in one piece, headers included; null where that is not known.</param>
    /// <param name="exception">What the system said.</param>
    internal static ErrorRecord MessageTooLong(object? message, int length, IPEndPoint remote, int? pathMtu, Exception exception)
    {
        int limit = DatagramSize.MaximumPayload(remote.Address);
        string reason = length > limit
            ? $"a datagram to {remote} carries at most {limit} bytes"
            : $"the path to {remote} takes no datagram of that size unfragmented"
                + (pathMtu is { } mtu ? $" (path MTU {mtu}: at most {DatagramSize.PayloadOf(mtu, remote.Address)} bytes)" : null);
        return Create(
            "UdpMessageTooLong",
            ErrorCategory.LimitsExceeded,
            message,
            exception,
            $"The message has {length} bytes, and {reason}. "
                + (message is UdpSentMessage ? "A router on the way dropped it." : "Nothing was sent."),
            "Send it in parts. A payload of up to 1232 bytes crosses every network unfragmented (RFC 8085 section 3.2).",
            remote.ToString());
    }

    internal static ErrorRecord AckNotText(string text, Encoding encoding, Exception exception) => Create(
        "UdpMessageNotText",
        ErrorCategory.InvalidData,
        text,
        exception,
        $"The ack has characters that {encoding.WebName} cannot write.",
        "Give another -Encoding, or another -AckMessage.");

    internal static ErrorRecord AckTooLong(object target, int length, int limit) => Create(
        "UdpMessageTooLong",
        ErrorCategory.LimitsExceeded,
        target,
        null,
        $"The ack has {length} bytes, and one datagram carries at most {limit}. It is not sent.",
        "Send a shorter ack. Up to 1232 bytes cross every network unfragmented (RFC 8085 section 3.2).");

    internal static ErrorRecord BroadcastNotAllowed(string server, string endPoint, Exception exception) => Create(
        "UdpBroadcastNotAllowed",
        ErrorCategory.PermissionDenied,
        server,
        exception,
        $"{endPoint} is a broadcast address.",
        "Add -Broadcast if everyone on that network is meant; Receive-UdpAck -All then shows everyone who answers.",
        endPoint);

    internal static ErrorRecord NetworkUnreachable(object target, string endPoint, string reason, Exception exception, string remedy) => Create(
        "UdpNetworkUnreachable",
        ErrorCategory.ConnectionError,
        target,
        exception,
        $"{endPoint} cannot be reached: {WithFullStop(reason)}",
        remedy,
        endPoint);

    internal static ErrorRecord InvalidNetwork(string network, Exception? exception) => Create(
        "UdpInvalidNetwork",
        ErrorCategory.InvalidArgument,
        network,
        exception,
        $"'{network}' is neither an address nor a network.",
        "Write an address (192.168.1.7, fd00::7) or a network in CIDR notation (192.168.1.0/24, fd00::/8), without a port.");

    internal static ErrorRecord InvalidMulticastGroup(string group) => Create(
        "UdpInvalidMulticastGroup",
        ErrorCategory.InvalidArgument,
        group,
        null,
        $"'{group}' is not a multicast address.",
        "Groups are 224.0.0.0 to 239.255.255.255, or begin with ff for IPv6; 239.0.0.0/8 is free for use on one site. The port goes in -Port.");

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
        $"The listener on {endPoint} stopped unexpectedly: {WithFullStop(exception?.Message ?? "its socket was closed")}",
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

    internal static ErrorRecord AllNotAllowed(string other) => Create(
        "UdpAllNotAllowed",
        ErrorCategory.InvalidArgument,
        "-All",
        null,
        $"-All and {other} exclude each other: -All tells of each responder, and {other} of each message, once.",
        "Leave out one of them.");

    internal static ErrorRecord MessageMissing(object? input, string endPoint) => Create(
        "UdpMessageMissing",
        ErrorCategory.InvalidData,
        input,
        null,
        $"There is no message for {endPoint}.",
        "Give the message with -Message, or add a Message property (a column, in a CSV).",
        endPoint);

    internal static ErrorRecord MessageNotText(Payload payload, string endPoint) => Create(
        "UdpMessageNotText",
        ErrorCategory.InvalidData,
        payload.Source,
        payload.Exception,
        payload.Exception is null
            ? $"An object of type {TypeOf(payload.Source!)} has no text of its own, so nothing was sent to {endPoint}."
            : payload.Exception is EncoderFallbackException
            ? $"The message has characters that the -Encoding cannot write, so nothing was sent to {endPoint}: "
                + WithFullStop(payload.Exception.Message)
            : $"The text of an object of type {TypeOf(payload.Source!)} cannot be read, so nothing was sent to {endPoint}: "
                + WithFullStop(payload.Exception.GetBaseException().Message),
        BaseObject.Of(payload.Source!) switch
        {
            _ when payload.Exception is EncoderFallbackException => "Give another -Encoding, or another message.",
            XmlNode => "Send its text: -Message { $_.OuterXml }.",
            Stream => "Send its bytes: the ToArray method of a MemoryStream gives them.",
            _ => "Send what is in it: -Message { $_ | ConvertTo-Json -Compress }, or one of its properties.",
        },
        endPoint);

    internal static ErrorRecord MessageScriptFailed(Payload payload, string endPoint) => Create(
        "UdpMessageScriptFailed",
        ErrorCategory.InvalidResult,
        payload.Source,
        payload.Exception,
        $"The script block of -Message made no message for {endPoint}: {WithFullStop(payload.Exception?.Message ?? string.Empty)}",
        "Let the script block output a text or bytes, and no error. The input object is $_ in it.",
        endPoint);

    internal static ErrorRecord SocketFailed(object target, string endPoint, Exception exception) => Create(
        "UdpSocketError",
        ErrorCategory.ConnectionError,
        target,
        exception,
        $"The socket for {endPoint} failed: {WithFullStop(ReasonOf(exception))}",
        "Try again; if it persists, look at the system's limits on open files and network buffers.",
        endPoint);

    internal static ErrorRecord AckTimeout(UdpSentMessage message) => Create(
        "UdpAckTimeout",
        ErrorCategory.OperationTimeout,
        message,
        null,
        $"No ack came from {EndPointOf(message)} ({Attempts(message)}"
            + $"{(message.Reason is null ? string.Empty : "; " + message.Reason)}). The message, its ack, or neither may have arrived.",
        message.Exchange is { IsAmbiguous: true }
            ? "Leave out -LocalPort, so that each message has a port of its own; or wait two minutes after a message that got no ack."
            : "Check that something listens there and answers, and that firewalls let UDP through both ways; raise "
                + "-TimeoutSeconds for a slow peer, -MaximumRetryCount for a lossy path.");

    internal static ErrorRecord AckExpired(UdpSentMessage message) => Create(
        "UdpAckExpired",
        ErrorCategory.ResourceUnavailable,
        message,
        null,
        $"Whether {EndPointOf(message)} acknowledged the message is unknown: {message.Reason}.",
        "Ask for acks as messages are sent: pipe Send-UdpMessage straight into Receive-UdpAck, with -ThrottleLimit for many at once.");

    internal static ErrorRecord PortClosed(UdpSentMessage message) => Create(
        "UdpPortClosed",
        ErrorCategory.ConnectionError,
        message,
        new SocketException((int)SocketError.ConnectionRefused),
        $"Nothing listens on {EndPointOf(message)}: {ReporterOf(message)} answered 'port unreachable' ({Attempts(message)}).",
        "Check the port, and that the service there is running and listens on more than loopback.");

    internal static ErrorRecord AckScriptFailed(UdpMessage message, string reason, Exception? exception) => Create(
        "UdpAckScriptFailed",
        ErrorCategory.InvalidResult,
        message,
        exception,
        $"-AckScript made no ack for {message.RemoteEndPoint}: {WithFullStop(reason)} The message was not acknowledged.",
        "Let the script block output one string, or bytes, or nothing for no ack. $_ is the message.");

    internal static ErrorRecord ReplyTooLarge(UdpMessage message, int length) => Create(
        "UdpReplyTooLarge",
        ErrorCategory.LimitsExceeded,
        message,
        null,
        $"The ack of {length} bytes to {message.RemoteEndPoint} is more than three times its message of {message.Length} bytes, and "
            + "was not sent: whoever forged the address could use it against that machine.",
        "Send a shorter ack, or name the networks that may ask with -AllowFrom.");

    /// <summary>What went wrong when a listener was to be bound.</summary>
    internal static ErrorRecord ListenFailed(string address, int port, SocketException exception)
    {
        const string Instead = "'Any' to listen on every one";
        string endPoint = EndPointText.Format(address, port);
        return exception.SocketErrorCode switch
        {
            SocketError.AddressAlreadyInUse => AddressInUse(endPoint, exception),
            SocketError.AddressNotAvailable => AddressNotAvailable(address, exception, Instead),
            SocketError.InvalidArgument when IsWithoutScope(address) => AddressNotAvailable(address, exception, Instead),
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
        UdpSentMessage message, object? input, SendOptions options, SocketException exception)
    {
        IPEndPoint remote = message.RemoteEndPoint;
        string endPoint = remote.ToString();
        switch (exception.SocketErrorCode)
        {
            case SocketError.MessageSize:
                return MessageTooLong(input, message.Length, remote, (exception as PathMtuException)?.PathMtu, exception);
            case SocketError.AddressAlreadyInUse when exception is NoFreePortException { Total: var total }:
                return NoFreePort(endPoint, total, exception);
            case SocketError.AddressAlreadyInUse:
                return AddressInUse(LocalEndPointOf(options, remote), exception);
            case SocketError.AddressNotAvailable when options.LocalAddress is not null:
            case SocketError.InvalidArgument when options.LocalAddress is not null && IsWithoutScope(options.LocalAddress):
                return AddressNotAvailable(
                    options.LocalAddress!.ToString(), exception, "leave it out: the system then chooses");
            case SocketError.AccessDenied when !options.Broadcast && BroadcastProbe.IsBroadcast(remote, options.LocalAddress):
                return BroadcastNotAllowed(message.Server, endPoint, exception);
            case SocketError.AccessDenied:
                return AccessDenied(options.LocalPort == 0 ? endPoint : LocalEndPointOf(options, remote), exception);
            case SocketError.NetworkUnreachable:
            case SocketError.HostUnreachable:
            case SocketError.NetworkDown:
            case SocketError.AddressNotAvailable:
            case SocketError.InvalidArgument when IsWithoutScope(remote.Address):
                return WithoutRoute(message.Server, remote, exception);
            default:
                return SocketFailed(message.Server, endPoint, exception);
        }
    }

    /// <summary>What went wrong when a name was resolved.</summary>
    /// <param name="host">The name.</param>
    /// <param name="wanted">The family that was asked for.</param>
    /// <param name="exception">What the resolver said.</param>
    /// <param name="endPoint">Where a message was to go; null for an address of this machine.</param>
    internal static ErrorRecord ResolveFailed(
        string host, AddressFamily wanted, SocketException exception, string? endPoint = null) =>
        exception.SocketErrorCode == SocketError.AddressFamilyNotSupported
            ? AddressFamilyMismatch(host, wanted, exception, endPoint)
            : HostNotFound(host, exception, endPoint);

    /// <summary>What went wrong with a message that got no ack, by its settled status.</summary>
    internal static ErrorRecord NotAcknowledged(UdpSentMessage message) => message.Status switch
    {
        UdpSendStatus.PortClosed => PortClosed(message),
        UdpSendStatus.Sent => AckExpired(message),
        UdpSendStatus.Unreachable when message.Exchange?.Report is { PathMtu: > 0 } report =>
            MessageTooLong(message, message.Length, message.RemoteEndPoint, report.PathMtu, new SocketException((int)report.Error)),
        UdpSendStatus.Unreachable => Unreachable(message),
        _ when message.Exchange?.Report is { } failure =>
            SocketFailed(message, EndPointOf(message), new SocketException((int)failure.Error)),
        _ => AckTimeout(message),
    };

    internal static ErrorRecord Unreachable(UdpSentMessage message) => NetworkUnreachable(
        message,
        EndPointOf(message),
        message.Reason!,
        new SocketException((int)(message.Exchange?.Report?.Error ?? SocketError.HostUnreachable)),
        message.Exchange?.Report?.Kind switch
        {
            IcmpErrorKind.Prohibited => "A firewall on the way rejects it. Ask whoever runs the one that reported it.",
            IcmpErrorKind.TimeExceeded => "Raise -MaxHops: the peer is further away than that.",
            IcmpErrorKind.TooBig => "Send a shorter message, or leave out -DontFragment.",
            _ => "Check the address and the routing table, and that the machine is on and its interface up.",
        });

    internal static ErrorRecord WithoutRoute(string server, IPEndPoint remote, Exception exception) =>
        IsWithoutScope(remote.Address)
            ? NetworkUnreachable(
                server,
                remote.ToString(),
                "an address of one link needs the scope, which is the interface",
                exception,
                InterfacesOfMachine())
        : remote.Address.IsMulticast() || remote.Address.Equals(IPAddress.Broadcast)
            ? NetworkUnreachable(
                server,
                remote.ToString(),
                ReasonOf(exception),
                exception,
                "Name the interface that it leaves by: -LocalAddress with the address of that interface.")
        : NetworkUnreachable(
            server,
            remote.ToString(),
            ReasonOf(exception),
            exception,
            "Check the address, the routing table and that the interface is up.");

    private static bool IsWithoutScope(string address) =>
        IPAddress.TryParse(address, out IPAddress? parsed) && IsWithoutScope(parsed);

    private static bool IsWithoutScope(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 && address.IsLinkLocal() && address.ScopeId == 0;

    private static string InterfacesOfMachine()
    {
        string names = string.Join(", ", NetworkInterfaces.FindAll().Select(one => one.Interface.Name));
        return $"Add the interface behind a percent sign, as in fe80::1%eth0. The interfaces of this machine: {names}.";
    }

    private static string FaultOf(ServerName server, string wanted) => server.Fault switch
    {
        ServerFault.Empty => $"An empty text is not {wanted}.",
        ServerFault.HasPort => $"'{server.Text}' is not {wanted}: there is a port in it.",
        ServerFault.NotIPv4 => $"'{server.Text}' is not {wanted}: systems read numbers like these as different addresses.",
        ServerFault.UnknownScope => $"'{server.Text}' is not {wanted}: this machine has no interface of that scope.",
        _ => $"'{server.Text}' is not {wanted}: it is neither a name nor an address.",
    };

    private static string TypeOf(object value) => BaseObject.Of(value) is PSCustomObject
        ? ((PSObject)value).TypeNames.FirstOrDefault() ?? "PSCustomObject"
        : BaseObject.Of(value).GetType().ToString();

    private static string LocalEndPointOf(SendOptions options, IPEndPoint remote) =>
        EndPointText.Format((options.LocalAddress ?? remote.AddressFamily.Wildcard()).ToString(), options.LocalPort);

    // Where a connect fails, .NET's own text repeats the endpoint.
    private static string ReasonOf(Exception exception) =>
        exception is SocketException { SocketErrorCode: var error } ? new SocketException((int)error).Message : exception.Message;

    // The texts of Windows end in a full stop, those of other systems in none; what a script throws in anything.
    private static string WithFullStop(string text) => text.Length == 0 || ".!?".IndexOf(text[text.Length - 1]) >= 0 ? text : text + ".";

    private static string EndPointOf(object? target) => target switch
    {
        UdpSentMessage message => message.KnownEndPoint?.ToString() ?? EndPointText.Format(message.Server, message.Port),
        UdpMessage message => message.RemoteEndPoint.ToString(),
        string text => text,
        _ => string.Empty,
    };

    private static string ReporterOf(UdpSentMessage message) =>
        message.Exchange?.Report?.Reporter is { } reporter && !reporter.Equals(message.RemoteEndPoint.Address)
            ? reporter.ToString()
            : "its machine";

    private static string Attempts(UdpSentMessage message) =>
        message.Attempts == 1 ? "1 attempt" : message.Attempts.ToString(CultureInfo.InvariantCulture) + " attempts";

    /// <param name="id">The error's id.</param>
    /// <param name="category">Its category.</param>
    /// <param name="target">The object or endpoint that it concerns.</param>
    /// <param name="exception">What the system said.</param>
    /// <param name="message">The whole sentence.</param>
    /// <param name="remedy">What to do.</param>
    /// <param name="endPoint">The endpoint that it concerns, where the target does not tell.</param>
    private static ErrorRecord Create(
        string id,
        ErrorCategory category,
        object? target,
        Exception? exception,
        string message,
        string remedy,
        string? endPoint = null)
    {
        // They may quote what came from the network.
        string sentence = ControlCharacterEscaper.Escape(message);
        Exception? cause = exception is null ? null : ErrorRecordEscaper.Escape(exception);
        Exception whole = category == ErrorCategory.OperationTimeout
            ? new TimeoutException(sentence, cause)
            : new InvalidOperationException(sentence, cause);
        var error = new ErrorRecord(whole, id, category, target)
        {
            ErrorDetails = new ErrorDetails(sentence) { RecommendedAction = remedy },
        };

        // PowerShell would take the target's text, which may have come from the network.
        error.CategoryInfo.TargetName = ControlCharacterEscaper.Escape(endPoint ?? EndPointOf(target));
        return error;
    }
}
