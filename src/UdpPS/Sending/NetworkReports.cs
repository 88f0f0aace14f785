using System.Net.Sockets;

namespace UdpPS.Sending;

/// <summary>What the network tells of a datagram by ICMP, as socket errors show it. A hint only (RFC 8085 section 5.2).</summary>
internal static class NetworkReports
{
    /// <summary>
    /// Whether a send failed because of a report on a datagram that left before: the report is then delivered, and the
    /// send can be tried again.
    /// </summary>
    internal static bool ConcernsEarlierMessage(SocketError error) => IsPortClosed(error) || error == SocketError.HostUnreachable;

    /// <summary>The verdict on a message that such a report came for. What failed on this machine says nothing of the peer.</summary>
    internal static UdpSendStatus ToStatus(SocketError error) => error switch
    {
        _ when IsPortClosed(error) => UdpSendStatus.PortClosed,
        SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.HostDown => UdpSendStatus.Unreachable,
        _ => UdpSendStatus.NoReply,
    };

    /// <summary>What such a report says, in the words of ICMP where it has some.</summary>
    internal static string ToReason(SocketError error) => error switch
    {
        _ when IsPortClosed(error) => "port unreachable",
        SocketError.HostUnreachable or SocketError.HostDown => "host unreachable",
        SocketError.NetworkUnreachable => "network unreachable",
        _ => new SocketException((int)error).Message,
    };

    // Linux and macOS say refused, Windows says reset.
    private static bool IsPortClosed(SocketError error) =>
        error is SocketError.ConnectionRefused or SocketError.ConnectionReset;
}
