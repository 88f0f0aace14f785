using System.Net;
using System.Net.Sockets;
using UdpPS.Sending;
using UdpPS.Sockets;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Engine;

/// <summary>What the network reports, in words and as a verdict.</summary>
public sealed class IcmpErrorTests
{
    // RFC 792, RFC 1122 section 3.2.2.1, RFC 1812 section 5.2.7.1.
    [Theory]
    [InlineData(3, 0, "NetworkUnreachable")]
    [InlineData(3, 1, "HostUnreachable")]
    [InlineData(3, 2, "Other")]
    [InlineData(3, 3, "PortUnreachable")]
    [InlineData(3, 4, "TooBig")]
    [InlineData(3, 6, "NetworkUnreachable")]
    [InlineData(3, 7, "HostUnreachable")]
    [InlineData(3, 8, "NetworkUnreachable")]
    [InlineData(3, 9, "Prohibited")]
    [InlineData(3, 10, "Prohibited")]
    [InlineData(3, 11, "NetworkUnreachable")]
    [InlineData(3, 12, "HostUnreachable")]
    [InlineData(3, 13, "Prohibited")]
    [InlineData(11, 0, "TimeExceeded")]
    [InlineData(11, 1, "Other")]
    [InlineData(12, 0, "Other")]
    public void The_types_and_codes_of_ICMP_are_known(int type, int code, string kind) =>
        Assert.Equal(kind, IcmpError.KindOf(type, code).ToString());

    // RFC 4443 section 3.
    [Theory]
    [InlineData(1, 0, "NetworkUnreachable")]
    [InlineData(1, 1, "Prohibited")]
    [InlineData(1, 2, "HostUnreachable")]
    [InlineData(1, 3, "HostUnreachable")]
    [InlineData(1, 4, "PortUnreachable")]
    [InlineData(1, 5, "Prohibited")]
    [InlineData(1, 6, "Prohibited")]
    [InlineData(2, 0, "TooBig")]
    [InlineData(3, 0, "TimeExceeded")]
    [InlineData(3, 1, "Other")]
    [InlineData(4, 0, "Other")]
    public void The_types_and_codes_of_ICMPv6_are_known(int type, int code, string kind) =>
        Assert.Equal(kind, IcmpError.KindOfIPv6(type, code).ToString());

    [Theory]
    [InlineData(SocketError.ConnectionRefused, "PortClosed", "port unreachable")]
    [InlineData(SocketError.ConnectionReset, "PortClosed", "port unreachable")]
    [InlineData(SocketError.HostUnreachable, "Unreachable", "host unreachable")]
    [InlineData(SocketError.HostDown, "Unreachable", "host unreachable")]
    [InlineData(SocketError.NetworkUnreachable, "Unreachable", "network unreachable")]
    [InlineData(SocketError.NetworkDown, "Unreachable", "network unreachable")]
    [InlineData(SocketError.NetworkReset, "Unreachable", "time to live exceeded")]
    [InlineData(SocketError.MessageSize, "Unreachable", "fragmentation needed")]
    public void A_socket_error_is_read_as_the_report_that_it_stands_for(SocketError error, string status, string reason)
    {
        IcmpError report = IcmpError.From(error);
        Assert.Equal(error, report.Error);
        Assert.Equal(status, IcmpVerdict.ToStatus(report).ToString());
        Assert.Equal(reason, IcmpVerdict.ToReason(report, NewExchange()));
    }

    [Fact]
    public void What_failed_on_this_machine_says_nothing_of_the_peer()
    {
        IcmpError report = IcmpError.From(SocketError.NoBufferSpaceAvailable);
        Assert.Equal(UdpSendStatus.NoReply, IcmpVerdict.ToStatus(report));
        Assert.Equal(
            new SocketException((int)SocketError.NoBufferSpaceAvailable).Message.TrimEnd('.'), IcmpVerdict.ToReason(report, NewExchange()));
    }

    [Theory]
    [InlineData("HostUnreachable", "10.1.1.1", "host unreachable, reported by 10.1.1.1")]
    [InlineData("HostUnreachable", "127.0.0.2", "host unreachable, reported by this machine: nobody on its network has that address")]
    [InlineData("HostUnreachable", "127.0.0.9", "host unreachable")]
    [InlineData("Prohibited", "10.1.1.1", "administratively prohibited, reported by 10.1.1.1")]
    [InlineData("Prohibited", "127.0.0.2", "administratively prohibited, reported by this machine")]
    [InlineData("TimeExceeded", "10.1.1.1", "time to live exceeded, reported by 10.1.1.1")]
    [InlineData("TooBig", "10.1.1.1", "fragmentation needed: the path takes 1280 bytes, reported by 10.1.1.1")]
    [InlineData("PortUnreachable", "10.1.1.1", "port unreachable, reported by 10.1.1.1")]
    [InlineData("PortUnreachable", "127.0.0.9", "port unreachable")]
    public void Who_reports_is_told_where_it_is_not_the_peer(string kind, string reporter, string reason)
    {
        var report = new IcmpError(
            System.Enum.Parse<IcmpErrorKind>(kind), SocketError.HostUnreachable, IPAddress.Parse(reporter), PathMtu: 1280);
        Assert.Equal(reason, IcmpVerdict.ToReason(report, NewExchange()));
    }

    // A fixed port has no address of its own.
    [Theory]
    [InlineData("127.0.0.1", "time to live exceeded, reported by this machine")]
    [InlineData("192.0.2.1", "time to live exceeded, reported by 192.0.2.1")]
    public void This_machine_reports_with_any_of_its_addresses(string reporter, string reason)
    {
        var report = new IcmpError(IcmpErrorKind.TimeExceeded, SocketError.HostUnreachable, IPAddress.Parse(reporter));
        Assert.Equal(reason, IcmpVerdict.ToReason(report, NewExchange("0.0.0.0")));
    }

    private static Exchange NewExchange(string local = "127.0.0.2") => new(
        new IPEndPoint(IPAddress.Parse("127.0.0.9"), 9),
        new FakePeerSocket { LocalEndPoint = new IPEndPoint(IPAddress.Parse(local), 1) },
        new SendOptions(),
        socket => socket.Dispose(),
        new UnclaimedExchanges(10));
}
