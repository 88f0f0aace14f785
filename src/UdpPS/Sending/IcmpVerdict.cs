using System.Globalization;
using System.Net;
using System.Net.Sockets;
using UdpPS.Sockets;

namespace UdpPS.Sending;

/// <summary>What a report of the network says of a message.</summary>
internal static class IcmpVerdict
{
    /// <summary>The verdict. What failed on this machine says nothing of the peer.</summary>
    internal static UdpSendStatus ToStatus(IcmpError report) => report.Kind switch
    {
        IcmpErrorKind.PortUnreachable => UdpSendStatus.PortClosed,
        IcmpErrorKind.Other => UdpSendStatus.NoReply,
        _ => UdpSendStatus.Unreachable,
    };

    /// <summary>What it says, and who says so where that is not the peer.</summary>
    internal static string ToReason(IcmpError report, Exchange exchange)
    {
        string text = report.Kind switch
        {
            IcmpErrorKind.PortUnreachable => "port unreachable",
            IcmpErrorKind.HostUnreachable => "host unreachable",
            IcmpErrorKind.NetworkUnreachable => "network unreachable",
            IcmpErrorKind.Prohibited => "administratively prohibited",
            IcmpErrorKind.TimeExceeded => "time to live exceeded",
            IcmpErrorKind.TooBig when report.PathMtu > 0 =>
                "fragmentation needed: the path takes " + report.PathMtu.ToString(CultureInfo.InvariantCulture) + " bytes",
            IcmpErrorKind.TooBig => "fragmentation needed",
            _ => new SocketException((int)report.Error).Message.TrimEnd('.'), // Windows' texts have one.
        };
        return report.Reporter is not { } reporter || reporter.Equals(exchange.Remote.Address) ? text
            : !IsOwn(reporter, exchange) ? $"{text}, reported by {reporter}"
            : report.Kind == IcmpErrorKind.HostUnreachable
                ? text + ", reported by this machine: nobody on its network has that address"
            : text + ", reported by this machine";
    }

    private static bool IsOwn(IPAddress reporter, Exchange exchange) => exchange.LocalAddress is { } local
        ? reporter.Equals(local)
        : LocalAddresses.OfMachine.Contains(reporter);
}
