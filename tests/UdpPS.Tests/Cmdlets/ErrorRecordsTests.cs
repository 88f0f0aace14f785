using System;
using System.Collections.Generic;
using System.IO;
using System.Management.Automation;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Xml;
using UdpPS.Parameters;
using UdpPS.Sending;
using UdpPS.Sockets;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Cmdlets;

/// <summary>Each error as a whole. Server, address and port differ, so that values that are swapped show.</summary>
public sealed class ErrorRecordsTests
{
    private const string InParts = "Send it in parts. A payload of up to 1232 bytes crosses every network unfragmented (RFC 8085 section 3.2).";
    private const string Limits = "Try again; if it persists, look at the system's limits on open files and network buffers.";
    private const string OneFamily =
        "Leave out -IPv4 or -IPv6, or give addresses of one family: -LocalAddress, server, group and interface must agree.";

    private static readonly IPEndPoint Remote = new(IPAddress.Parse("192.0.2.1"), 9);
    private static readonly IPEndPoint Remote6 = new(IPAddress.Parse("2001:db8::1"), 9);
    private static readonly InvalidOperationException Broken = new("It broke");
    private static readonly UdpMessage Received = new("hello", "192.0.2.7", 5000);
    private static readonly UdpSentMessage Silent = Sent(attempts: 2);
    private static readonly UdpSentMessage Doubtful = Sent(reason: "an empty datagram came");
    private static readonly UdpSentMessage Expired = Sent(UdpSendStatus.Sent, reason: "nobody had asked");
    private static readonly UdpSentMessage Closed = Sent(UdpSendStatus.PortClosed, Report(IcmpErrorKind.PortUnreachable, "192.0.2.1"));
    private static readonly UdpSentMessage Rejected = Sent(UdpSendStatus.PortClosed, Report(IcmpErrorKind.PortUnreachable, "192.0.2.254"), attempts: 2);
    private static readonly UdpSentMessage Filtered = Sent(UdpSendStatus.Unreachable, Report(IcmpErrorKind.Prohibited, "192.0.2.254"), "filtered");
    private static readonly UdpSentMessage TooFar = Sent(UdpSendStatus.Unreachable, Report(IcmpErrorKind.TimeExceeded, "192.0.2.254"), "too far");
    private static readonly UdpSentMessage TooBroad = Sent(UdpSendStatus.Unreachable, Report(IcmpErrorKind.TooBig, "192.0.2.254"), "too broad");
    private static readonly UdpSentMessage Away = Sent(UdpSendStatus.Unreachable, Report(IcmpErrorKind.NetworkUnreachable, null), "away");
    private static readonly UdpSentMessage Broad = Sent(
        UdpSendStatus.Unreachable, new IcmpError(IcmpErrorKind.TooBig, SocketError.MessageSize, PathMtu: 1280), "too big");
    private static readonly UdpSentMessage Failing = Sent(UdpSendStatus.NoReply, new IcmpError(IcmpErrorKind.Other, SocketError.NoBufferSpaceAvailable));
    private static readonly PSObject Row = Record("Weather");
    private static readonly XmlDocument Document = new();
    private static readonly MemoryStream Data = new();
    private static readonly Random Chance = new(3);

    private static readonly Dictionary<string, (ErrorRecord Error, Expected Expected)> Errors = new()
    {
        ["a port in use"] = (
            ErrorRecords.AddressInUse("192.0.2.1:53", Broken),
            new("UdpAddressInUse", ErrorCategory.ResourceBusy, "192.0.2.1:53", "192.0.2.1:53", "192.0.2.1:53 is in use.",
                "Stop what uses the port (on Linux 'ss -ulnp', on Windows Get-NetUDPEndpoint shows it), choose another port, or 0 for any free one.", Broken)),
        ["no free port"] = (
            ErrorRecords.NoFreePort("192.0.2.1:9", 10, Broken),
            new("UdpNoFreePort", ErrorCategory.ResourceUnavailable, "192.0.2.1:9", "192.0.2.1:9",
                "No port is free to send to 192.0.2.1:9 from: each of the 10 that this machine has for it is in use.",
                "Lower -ThrottleLimit, so that fewer messages wait for their acks at once, or widen the range (on Linux 'sysctl "
                + "net.ipv4.ip_local_port_range', on Windows 'netsh int ipv4 set dynamicport udp').", Broken)),
        ["a foreign address"] = (
            ErrorRecords.AddressNotAvailable("192.0.2.1", Broken, "another"),
            new("UdpAddressNotAvailable", ErrorCategory.InvalidArgument, "192.0.2.1", "192.0.2.1",
                "'192.0.2.1' is not an address of this machine.", "Give -LocalAddress an address that this machine has, or another.", Broken)),
        ["a port that is denied"] = (
            ErrorRecords.AccessDenied("192.0.2.1:53", Broken),
            new("UdpAccessDenied", ErrorCategory.PermissionDenied, "192.0.2.1:53", "192.0.2.1:53", "The system does not allow 192.0.2.1:53 to be used.",
                "Ports below 1024 need elevated rights on Linux and macOS: choose a higher port. If the port is not the reason, a firewall or a "
                + "reserved port range may be.", Broken)),
        ["an unknown name"] = (
            ErrorRecords.HostNotFound("there", new SocketException((int)SocketError.HostNotFound), "there:9"),
            new("UdpHostNotFound", ErrorCategory.ObjectNotFound, "there", "there:9", "The name 'there' cannot be resolved to an address.",
                "Check the spelling and the name server, or give the address itself.", SocketError.HostNotFound)),
        ["a silent name server"] = (
            ErrorRecords.HostNotFound("there", new SocketException((int)SocketError.TimedOut)),
            new("UdpHostNotFound", ErrorCategory.ObjectNotFound, "there", "there", "No name server answered for 'there' within 5 seconds.",
                "Check the spelling and the name server, or give the address itself.", SocketError.TimedOut)),
        ["an empty server"] = (ErrorRecords.InvalidServer(ServerName.Parse(" ")), Server("", "An empty text is not a server.", "Give a name or an address.")),
        ["a server with its port"] = (
            ErrorRecords.InvalidServer(ServerName.Parse("there:53")),
            Server("there:53", "'there:53' is not a server: there is a port in it.", "Give the port with -Port, or in a column of its own.")),
        ["a server of too few numbers"] = (
            ErrorRecords.InvalidServer(ServerName.Parse("127.1")),
            Server("127.1", "'127.1' is not a server: systems read numbers like these as different addresses.",
                "Write an IPv4 address as four numbers from 0 to 255, without leading zeros: 192.168.1.7.")),
        ["a server that is none"] = (
            ErrorRecords.InvalidServer(ServerName.Parse("a b")),
            Server("a b", "'a b' is not a server: it is neither a name nor an address.", "Give a name or an address.")),
        ["a local address with its port"] = (
            ErrorRecords.InvalidLocalAddress(ServerName.Parse("127.0.0.1:53"), "-LocalPort"),
            new("UdpAddressNotAvailable", ErrorCategory.InvalidArgument, "127.0.0.1:53", "127.0.0.1:53",
                "'127.0.0.1:53' is not an address of this machine: there is a port in it.", "Give the address alone, and the port with -LocalPort.")),
        ["a local address that is none"] = (
            ErrorRecords.InvalidLocalAddress(ServerName.Parse("127.1"), "-LocalPort"),
            new("UdpAddressNotAvailable", ErrorCategory.InvalidArgument, "127.1", "127.1",
                "'127.1' is not an address of this machine: systems read numbers like these as different addresses.",
                "Give an address or a name of this machine.")),
        ["a port that is none"] = (
            ErrorRecords.InvalidPort("abc", "there"),
            new("UdpInvalidPort", ErrorCategory.InvalidArgument, "abc", "there", "'abc' is not a port, so nothing was sent to 'there'.",
                "Give a whole number from 1 to 65535. The second position is the port; the message is the third, or -Message.")),
        ["no IPv6 address"] = (
            ErrorRecords.AddressFamilyMismatch("there", AddressFamily.InterNetworkV6, Broken, "there:9"),
            new("UdpAddressFamilyMismatch", ErrorCategory.InvalidArgument, "there", "there:9",
                "'there' has no IPv6 address, and IPv6 was asked for.", OneFamily, Broken)),
        ["no IPv4 address"] = (
            ErrorRecords.AddressFamilyMismatch("here", AddressFamily.InterNetwork, Broken),
            new("UdpAddressFamilyMismatch", ErrorCategory.InvalidArgument, "here", "here",
                "'here' has no IPv4 address, and IPv4 was asked for.", OneFamily, Broken)),
        ["both families"] = (
            ErrorRecords.AddressFamilyConflict(),
            new("UdpAddressFamilyMismatch", ErrorCategory.InvalidArgument, "-IPv4 -IPv6", "-IPv4 -IPv6", "-IPv4 and -IPv6 exclude each other.",
                "Leave out one of them, or both: then IPv4 is used where there is an IPv4 address, and IPv6 where there is not.")),
        ["a message too long for IPv4"] = (
            ErrorRecords.MessageTooLong("x", 65508, Remote, null, Broken),
            TooLong("x", "192.0.2.1:9", "The message has 65508 bytes, and a datagram to 192.0.2.1:9 carries at most 65507 bytes. Nothing was sent.", Broken)),
        ["a message too long for IPv6"] = (
            ErrorRecords.MessageTooLong("x", 65528, Remote6, 1280, Broken),
            TooLong("x", "[2001:db8::1]:9",
                "The message has 65528 bytes, and a datagram to [2001:db8::1]:9 carries at most 65527 bytes. Nothing was sent.", Broken)),
        ["a message too long for the path"] = (
            ErrorRecords.MessageTooLong("x", 65507, Remote, 1280, Broken),
            TooLong("x", "192.0.2.1:9",
                "The message has 65507 bytes, and the path to 192.0.2.1:9 takes no datagram of that size unfragmented "
                + "(path MTU 1280: at most 1252 bytes). Nothing was sent.", Broken)),
        ["a message too long for an unknown path"] = (
            ErrorRecords.MessageTooLong("x", 1500, Remote6, null, Broken),
            TooLong("x", "[2001:db8::1]:9",
                "The message has 1500 bytes, and the path to [2001:db8::1]:9 takes no datagram of that size unfragmented. Nothing was sent.", Broken)),
        ["an ack without text"] = (
            ErrorRecords.AckNotText("é", Encoding.ASCII, Broken),
            new("UdpMessageNotText", ErrorCategory.InvalidData, "é", "é", "The ack has characters that us-ascii cannot write.",
                "Give another -Encoding, or another -AckMessage.", Broken)),
        ["an ack too long"] = (
            ErrorRecords.AckTooLong(Received, 65508, 65507),
            new("UdpMessageTooLong", ErrorCategory.LimitsExceeded, Received, "192.0.2.7:5000",
                "The ack has 65508 bytes, and one datagram carries at most 65507. It is not sent.",
                "Send a shorter ack. Up to 1232 bytes cross every network unfragmented (RFC 8085 section 3.2).")),
        ["a broadcast"] = (
            ErrorRecords.BroadcastNotAllowed("there", "192.0.2.255:9", Broken),
            new("UdpBroadcastNotAllowed", ErrorCategory.PermissionDenied, "there", "192.0.2.255:9", "192.0.2.255:9 is a broadcast address.",
                "Add -Broadcast if everyone on that network is meant; Receive-UdpAck -All then shows everyone who answers.", Broken)),
        ["a network that is none"] = (
            ErrorRecords.InvalidNetwork("10.0.0.0/33", Broken),
            new("UdpInvalidNetwork", ErrorCategory.InvalidArgument, "10.0.0.0/33", "10.0.0.0/33", "'10.0.0.0/33' is neither an address nor a network.",
                "Write an address (192.168.1.7, fd00::7) or a network in CIDR notation (192.168.1.0/24, fd00::/8), without a port.", Broken)),
        ["a group that is none"] = (
            ErrorRecords.InvalidMulticastGroup("10.0.0.1"),
            new("UdpInvalidMulticastGroup", ErrorCategory.InvalidArgument, "10.0.0.1", "10.0.0.1", "'10.0.0.1' is not a multicast address.",
                "Groups are 224.0.0.0 to 239.255.255.255, or begin with ff for IPv6; 239.0.0.0/8 is free for use on one site. The port goes in -Port.")),
        ["a local address beside a group"] = (
            ErrorRecords.LocalAddressWithGroup("127.0.0.1"),
            new("UdpLocalAddressWithGroup", ErrorCategory.InvalidArgument, "127.0.0.1", "127.0.0.1",
                "-MulticastGroup does not go with -LocalAddress 127.0.0.1: on many systems a socket that is bound to one address gets no group.",
                "Leave out -LocalAddress, and name the interface to join the group on with -Interface.")),
        ["no output and a fixed ack"] = (
            ErrorRecords.NoOutputWithoutAckScript(),
            new("UdpNoOutputWithoutAckScript", ErrorCategory.InvalidArgument, "-NoOutput", "-NoOutput",
                "-NoOutput emits no messages, and an ack says that a message was delivered.",
                "Add -AckScript, which then handles the messages, or -NoAck, or leave out -NoOutput.")),
        ["an unknown interface"] = (
            ErrorRecords.InterfaceNotFound("eth9"),
            new("UdpInterfaceNotFound", ErrorCategory.ObjectNotFound, "eth9", "eth9", "This machine has no network interface 'eth9'.",
                "Give its name, its index, or an address it has; 'ip address' or Get-NetIPAddress lists them.")),
        ["an interface without a group"] = (
            ErrorRecords.InterfaceWithoutGroup("eth0"),
            new("UdpInterfaceWithoutGroup", ErrorCategory.InvalidArgument, "eth0", "eth0",
                "-Interface says where a multicast group is joined, and no group is given.",
                "Add -MulticastGroup, or use -LocalAddress to listen on one address.")),
        ["a name without a job"] = (
            ErrorRecords.NameWithoutJob("mine"),
            new("UdpNameWithoutJob", ErrorCategory.InvalidArgument, "mine", "mine", "-Name names a job, and none was asked for.",
                "Add -AsJob, or leave out -Name.")),
        ["a listener that fails"] = (
            ErrorRecords.ListenerFailed("127.0.0.1:53", Broken),
            new("UdpListenerFailed", ErrorCategory.ConnectionError, "127.0.0.1:53", "127.0.0.1:53",
                "The listener on 127.0.0.1:53 stopped unexpectedly: It broke.",
                "Start it again. If it persists, look at the system's limits on open files and network buffers.", Broken)),
        ["a listener that is closed"] = (
            ErrorRecords.ListenerFailed("127.0.0.1:53", null),
            new("UdpListenerFailed", ErrorCategory.ConnectionError, "127.0.0.1:53", "127.0.0.1:53",
                "The listener on 127.0.0.1:53 stopped unexpectedly: its socket was closed.",
                "Start it again. If it persists, look at the system's limits on open files and network buffers.")),
        ["an unknown $using: variable"] = (
            ErrorRecords.UsingVariableNotFound("word"),
            new("UdpUsingVariableNotFound", ErrorCategory.ObjectNotFound, "$using:word", "$using:word",
                "-AckScript wants $using:word, and there is no variable $word.", "Set it before the listener is started, or check the spelling.")),
        ["-OutBuffer"] = (
            ErrorRecords.OutBufferNotAllowed(),
            new("UdpOutBufferNotAllowed", ErrorCategory.InvalidArgument, "-OutBuffer", "-OutBuffer",
                "-OutBuffer holds messages back from the pipeline, and an ack says that the pipeline took its message.",
                "Leave out -OutBuffer, or add -NoAck.")),
        ["-All beside -Quiet"] = (
            ErrorRecords.AllNotAllowed("-Quiet"),
            new("UdpAllNotAllowed", ErrorCategory.InvalidArgument, "-All", "-All",
                "-All and -Quiet exclude each other: -All tells of each responder, and -Quiet of each message, once.", "Leave out one of them.")),
        ["no message"] = (
            ErrorRecords.NotSendable(Payload.Faulty(PayloadFault.Missing, Row), "there:9"),
            new("UdpMessageMissing", ErrorCategory.InvalidData, Row, "there:9", "There is no message for there:9.",
                "Give the message with -Message, or add a Message property (a column, in a CSV).")),
        ["a record"] = (
            ErrorRecords.NotSendable(Payload.Faulty(PayloadFault.NotText, Row), "there:9"),
            NotText(Row, "Weather", "Send what is in it: -Message { $_ | ConvertTo-Json -Compress }, or one of its properties.")),
        ["an object of a class"] = (
            ErrorRecords.NotSendable(Payload.Faulty(PayloadFault.NotText, PSObject.AsPSObject(Chance)), "there:9"),
            NotText(Chance, "System.Random", "Send what is in it: -Message { $_ | ConvertTo-Json -Compress }, or one of its properties.")),
        ["a document"] = (
            ErrorRecords.NotSendable(Payload.Faulty(PayloadFault.NotText, Document), "there:9"),
            NotText(Document, "System.Xml.XmlDocument", "Send its text: -Message { $_.OuterXml }.")),
        ["a stream"] = (
            ErrorRecords.NotSendable(Payload.Faulty(PayloadFault.NotText, Data), "there:9"),
            NotText(Data, "System.IO.MemoryStream", "Send its bytes: the ToArray method of a MemoryStream gives them.")),
        ["an object whose text fails"] = (
            ErrorRecords.NotSendable(Payload.Faulty(PayloadFault.Failed, Row, Broken), "there:9"),
            new("UdpMessageNotText", ErrorCategory.InvalidData, Row, "there:9",
                "The text of an object of type Weather cannot be read, so nothing was sent to there:9: It broke.",
                "Send what is in it: -Message { $_ | ConvertTo-Json -Compress }, or one of its properties.", Broken)),
        ["a script that fails"] = (
            ErrorRecords.NotSendable(Payload.Faulty(PayloadFault.ScriptFailed, Row, Broken), "there:9"),
            new("UdpMessageScriptFailed", ErrorCategory.InvalidResult, Row, "there:9", "The script block of -Message made no message for there:9: It broke.",
                "Let the script block output a text or bytes, and no error. The input object is $_ in it.", Broken)),
        ["a socket that fails"] = (
            ErrorRecords.SocketFailed("there", "192.0.2.1:9", Broken),
            new("UdpSocketError", ErrorCategory.ConnectionError, "there", "192.0.2.1:9", "The socket for 192.0.2.1:9 failed: It broke.", Limits, Broken)),
        ["an ack that is too large"] = (
            ErrorRecords.ReplyTooLarge(Received, 100),
            new("UdpReplyTooLarge", ErrorCategory.LimitsExceeded, Received, "192.0.2.7:5000",
                "The ack of 100 bytes to 192.0.2.7:5000 is more than three times its message of 5 bytes, and was not sent: "
                + "whoever forged the address could use it against that machine.",
                "Send a shorter ack, or name the networks that may ask with -AllowFrom.")),
        ["an ack script that fails"] = (
            ErrorRecords.AckScriptFailed(Received, "it broke", Broken),
            new("UdpAckScriptFailed", ErrorCategory.InvalidResult, Received, "192.0.2.7:5000",
                "-AckScript made no ack for 192.0.2.7:5000: it broke. The message was not acknowledged.",
                "Let the script block output one string, or bytes, or nothing for no ack. $_ is the message.", Broken)),
        ["silence"] = (
            ErrorRecords.NotAcknowledged(Silent),
            new("UdpAckTimeout", ErrorCategory.OperationTimeout, Silent, "192.0.2.1:9",
                "No ack came from 192.0.2.1:9 (2 attempts). The message, its ack, or neither may have arrived.",
                "Check that something listens there and answers, and that firewalls let UDP through both ways; raise -TimeoutSeconds for a slow "
                + "peer, -MaximumRetryCount for a lossy path.")),
        ["silence with a reason"] = (
            ErrorRecords.NotAcknowledged(Doubtful),
            new("UdpAckTimeout", ErrorCategory.OperationTimeout, Doubtful, "192.0.2.1:9",
                "No ack came from 192.0.2.1:9 (1 attempt; an empty datagram came). The message, its ack, or neither may have arrived.",
                "Check that something listens there and answers, and that firewalls let UDP through both ways; raise -TimeoutSeconds for a slow "
                + "peer, -MaximumRetryCount for a lossy path.")),
        ["a message that nobody asked about"] = (
            ErrorRecords.NotAcknowledged(Expired),
            new("UdpAckExpired", ErrorCategory.ResourceUnavailable, Expired, "192.0.2.1:9",
                "Whether 192.0.2.1:9 acknowledged the message is unknown: nobody had asked.",
                "Ask for acks as messages are sent: pipe Send-UdpMessage straight into Receive-UdpAck, with -ThrottleLimit for many at once.")),
        ["a closed port"] = (
            ErrorRecords.NotAcknowledged(Closed),
            PortClosed(Closed, "Nothing listens on 192.0.2.1:9: its machine answered 'port unreachable' (1 attempt).")),
        ["a port that a firewall closes"] = (
            ErrorRecords.NotAcknowledged(Rejected),
            PortClosed(Rejected, "Nothing listens on 192.0.2.1:9: 192.0.2.254 answered 'port unreachable' (2 attempts).")),
        ["a path with a filter"] = (
            ErrorRecords.NotAcknowledged(Filtered),
            Unreachable(Filtered, "filtered", "A firewall on the way rejects it. Ask whoever runs the one that reported it.")),
        ["a path with too many routers"] = (
            ErrorRecords.NotAcknowledged(TooFar),
            Unreachable(TooFar, "too far", "Raise -MaxHops: the peer is further away than that.")),
        ["a path that is narrower than anyone tells"] = (
            ErrorRecords.NotAcknowledged(TooBroad),
            Unreachable(TooBroad, "too broad", "Send a shorter message, or leave out -DontFragment.")),
        ["a path that is not there"] = (
            ErrorRecords.NotAcknowledged(Away),
            Unreachable(Away, "away", "Check the address and the routing table, and that the machine is on and its interface up.")),
        ["a path that is too narrow"] = (
            ErrorRecords.NotAcknowledged(Broad),
            TooLong(Broad, "192.0.2.1:9",
                "The message has 2 bytes, and the path to 192.0.2.1:9 takes no datagram of that size unfragmented "
                + "(path MTU 1280: at most 1252 bytes). A router on the way dropped it.", SocketError.MessageSize)),
        ["a socket that fails later"] = (
            ErrorRecords.NotAcknowledged(Failing),
            new("UdpSocketError", ErrorCategory.ConnectionError, Failing, "192.0.2.1:9",
                $"The socket for 192.0.2.1:9 failed: {TextOf(SocketError.NoBufferSpaceAvailable)}.", Limits, SocketError.NoBufferSpaceAvailable)),
        ["a listener on a foreign address"] = (
            ErrorRecords.ListenFailed("192.0.2.1", 53, new SocketException((int)SocketError.AddressNotAvailable)),
            new("UdpAddressNotAvailable", ErrorCategory.InvalidArgument, "192.0.2.1", "192.0.2.1", "'192.0.2.1' is not an address of this machine.",
                "Give -LocalAddress an address that this machine has, or 'Any' to listen on every one.", SocketError.AddressNotAvailable)),
        ["a listener whose socket fails"] = (
            ErrorRecords.ListenFailed("::1", 53, new SocketException((int)SocketError.TooManyOpenSockets)),
            new("UdpSocketError", ErrorCategory.ConnectionError, "[::1]:53", "[::1]:53",
                $"The socket for [::1]:53 failed: {TextOf(SocketError.TooManyOpenSockets)}.", Limits, SocketError.TooManyOpenSockets)),
        ["a send that finds no free port"] = (
            Send(Remote, new NoFreePortException(7)),
            new("UdpNoFreePort", ErrorCategory.ResourceUnavailable, "192.0.2.1:9", "192.0.2.1:9",
                "No port is free to send to 192.0.2.1:9 from: each of the 7 that this machine has for it is in use.",
                "Lower -ThrottleLimit, so that fewer messages wait for their acks at once, or widen the range (on Linux 'sysctl "
                + "net.ipv4.ip_local_port_range', on Windows 'netsh int ipv4 set dynamicport udp').", SocketError.AddressAlreadyInUse)),
        ["a send from a foreign address"] = (
            Send(Remote, new SocketException((int)SocketError.AddressNotAvailable), "192.0.2.10"),
            new("UdpAddressNotAvailable", ErrorCategory.InvalidArgument, "192.0.2.10", "192.0.2.10", "'192.0.2.10' is not an address of this machine.",
                "Give -LocalAddress an address that this machine has, or leave it out: the system then chooses.", SocketError.AddressNotAvailable)),
        ["a send that no local address is for"] = (
            Send(Remote, new SocketException((int)SocketError.AddressNotAvailable)), NoRoute("192.0.2.1:9", SocketError.AddressNotAvailable)),
        ["a send to a group without a route"] = (
            Send(new IPEndPoint(IPAddress.Parse("239.1.2.3"), 9), new SocketException((int)SocketError.NetworkUnreachable)),
            NoRoute("239.1.2.3:9", SocketError.NetworkUnreachable, "Name the interface that it leaves by: -LocalAddress with the address of that interface.")),
        ["a send to everyone without a route"] = (
            Send(new IPEndPoint(IPAddress.Broadcast, 9), new SocketException((int)SocketError.NetworkUnreachable)),
            NoRoute("255.255.255.255:9", SocketError.NetworkUnreachable, "Name the interface that it leaves by: -LocalAddress with the address of that interface.")),
        ["a send that the path is too narrow for"] = (
            Send(Remote, new PathMtuException(1280)),
            TooLong("input", "192.0.2.1:9",
                "The message has 2 bytes, and the path to 192.0.2.1:9 takes no datagram of that size unfragmented "
                + "(path MTU 1280: at most 1252 bytes). Nothing was sent.", SocketError.MessageSize)),
        ["a send that fails"] = (
            Send(Remote, new SocketException((int)SocketError.InvalidArgument)),
            new("UdpSocketError", ErrorCategory.ConnectionError, "there", "192.0.2.1:9",
                $"The socket for 192.0.2.1:9 failed: {TextOf(SocketError.InvalidArgument)}.", Limits, SocketError.InvalidArgument)),
        ["a name of the other family"] = (
            ErrorRecords.ResolveFailed("there", AddressFamily.InterNetworkV6, new SocketException((int)SocketError.AddressFamilyNotSupported), "there:9"),
            new("UdpAddressFamilyMismatch", ErrorCategory.InvalidArgument, "there", "there:9",
                "'there' has no IPv6 address, and IPv6 was asked for.", OneFamily, SocketError.AddressFamilyNotSupported)),
    };

    public static TheoryData<string> Names => [.. Errors.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_error_has_its_id_category_target_text_remedy_and_cause(string name)
    {
        (ErrorRecord error, Expected expected) = Errors[name];
        Exception? cause = error.Exception.InnerException;
        Assert.Equal(expected.Message, error.ErrorDetails.Message);
        Assert.Equal(expected.Remedy, error.ErrorDetails.RecommendedAction);
        Assert.Equal(expected, new Expected(
            error.FullyQualifiedErrorId,
            error.CategoryInfo.Category,
            error.TargetObject is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : error.TargetObject,
            error.CategoryInfo.TargetName,
            error.ErrorDetails.Message,
            error.ErrorDetails.RecommendedAction,
            cause is SocketException { SocketErrorCode: var code } ? code : cause));
        Assert.Equal(expected.Message, error.Exception.Message);
        Assert.IsType(
            expected.Category == ErrorCategory.OperationTimeout ? typeof(TimeoutException) : typeof(InvalidOperationException), error.Exception);
    }

    // Each of them is told what there is to choose from.
    [Fact]
    public void An_address_of_one_link_leads_to_the_interfaces_of_this_machine()
    {
        var link = new IPEndPoint(IPAddress.Parse("fe80::1"), 9);
        Assert.All(
            [
                ErrorRecords.InvalidServer(ServerName.Parse("fe80::1%nosuch9")),
                Send(link, new SocketException((int)SocketError.InvalidArgument)),
                Send(link, new SocketException((int)SocketError.NetworkUnreachable)),
            ],
            error =>
            {
                Assert.StartsWith(
                    "Add the interface behind a percent sign, as in fe80::1%eth0. The interfaces of this machine: ",
                    error.ErrorDetails.RecommendedAction);
                Assert.Contains("scope", error.ErrorDetails.Message);
            });

        // One that has its scope fails for another reason.
        var scoped = new IPEndPoint(IPAddress.Parse("fe80::1%1"), 9);
        Assert.Equal("UdpSocketError", Send(scoped, new SocketException((int)SocketError.InvalidArgument)).FullyQualifiedErrorId);
    }

    // What is quoted may have come from the network; the remedy is the module's own.
    [Fact]
    public void No_part_of_an_error_drives_the_terminal()
    {
        ErrorRecord error = ErrorRecords.SocketFailed("x", "a\u001Bb", new InvalidOperationException("c\u001Bd", new FormatException("e\u001Bf")));
        Assert.Equal("The socket for a\u241Bb failed: c\u241Bd.", error.ErrorDetails.Message);
        Assert.Equal(error.ErrorDetails.Message, error.Exception.Message);
        Assert.Equal("a\u241Bb", error.CategoryInfo.TargetName);
        Assert.Equal("c\u241Bd", error.Exception.InnerException!.Message);
        Assert.Equal("e\u241Bf", error.Exception.InnerException.InnerException!.Message);
    }

    private static Expected Server(string text, string message, string remedy) =>
        new("UdpInvalidServer", ErrorCategory.InvalidArgument, text, text, message, remedy);

    private static Expected TooLong(object target, string endPoint, string message, object cause) =>
        new("UdpMessageTooLong", ErrorCategory.LimitsExceeded, target, endPoint, message, InParts, cause);

    private static Expected NotText(object target, string type, string remedy) => new(
        "UdpMessageNotText", ErrorCategory.InvalidData, target, "there:9",
        $"An object of type {type} has no text of its own, so nothing was sent to there:9.", remedy);

    private static Expected PortClosed(UdpSentMessage target, string message) => new(
        "UdpPortClosed", ErrorCategory.ConnectionError, target, "192.0.2.1:9", message,
        "Check the port, and that the service there is running and listens on more than loopback.", SocketError.ConnectionRefused);

    private static Expected Unreachable(UdpSentMessage target, string reason, string remedy) => new(
        "UdpNetworkUnreachable", ErrorCategory.ConnectionError, target, "192.0.2.1:9", $"192.0.2.1:9 cannot be reached: {reason}.", remedy,
        SocketError.ConnectionReset);

    private static Expected NoRoute(
        string endPoint, SocketError error, string remedy = "Check the address, the routing table and that the interface is up.") => new(
        "UdpNetworkUnreachable", ErrorCategory.ConnectionError, "there", endPoint, $"{endPoint} cannot be reached: {TextOf(error)}.", remedy, error);

    // The texts of Windows have a full stop.
    private static string TextOf(SocketError error) => new SocketException((int)error).Message.TrimEnd('.');

    private static ErrorRecord Send(IPEndPoint remote, SocketException exception, string? localAddress = null) => ErrorRecords.SendFailed(
        new UdpSentMessage("there", remote, [1, 2], null, Encoding.UTF8),
        "input",
        new SendOptions { LocalAddress = localAddress is null ? null : IPAddress.Parse(localAddress) },
        exception);

    private static IcmpError Report(IcmpErrorKind kind, string? reporter) =>
        new(kind, SocketError.ConnectionReset, reporter is null ? null : IPAddress.Parse(reporter));

    private static UdpSentMessage Sent(
        UdpSendStatus status = UdpSendStatus.NoReply, IcmpError? report = null, string? reason = null, int attempts = 1)
    {
        var exchange = new Exchange(Remote, new FakePeerSocket(), new SendOptions(), _ => { }, new UnclaimedExchanges(10));
        for (int i = 0; i < attempts; i++)
        {
            exchange.Send([1, 2]);
        }

        exchange.Report = report;
        return new UdpSentMessage("there", Remote, [1, 2], null, Encoding.UTF8) { Exchange = exchange, Status = status, Reason = reason };
    }

    private static PSObject Record(string type)
    {
        var record = new PSObject();
        record.TypeNames.Insert(0, type);
        return record;
    }

    private sealed record Expected(
        string Id, ErrorCategory Category, object? Target, string TargetName, string Message, string Remedy, object? Cause = null);
}
