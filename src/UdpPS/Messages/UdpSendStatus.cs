namespace UdpPS;

/// <summary>What is known of a sent message. None of these is ever a guess.</summary>
public enum UdpSendStatus
{
    /// <summary>
    /// The datagram was handed to the network. Nobody has asked for its ack yet, or nobody did in time: then the message's Reason says
    /// so, and what became of it is unknown.
    /// </summary>
    Sent,

    /// <summary>The peer replied to this message.</summary>
    Acknowledged,

    /// <summary>
    /// No reply that belongs to this message came in time. The message, the reply, or neither may have arrived: silence does not
    /// tell.
    /// </summary>
    NoReply,

    /// <summary>The peer's machine, or a firewall, reported that nothing listens on the port (ICMP port unreachable).</summary>
    PortClosed,

    /// <summary>
    /// The network reported that the message does not get there: its machine or network cannot be reached, a firewall rejects it, it
    /// may cross no more routers, or it is too long for the path (other ICMP errors).
    /// </summary>
    Unreachable,

    /// <summary>It did not leave this machine, for a reason that the message's Reason tells.</summary>
    NotSent,
}
