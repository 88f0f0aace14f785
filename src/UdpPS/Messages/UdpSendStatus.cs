namespace UdpPS;

/// <summary>What is known of a sent message. None of these is ever a guess.</summary>
public enum UdpSendStatus
{
    /// <summary>The datagram was handed to the network; nobody has waited for its ack yet.</summary>
    Sent,

    /// <summary>The peer answered this message.</summary>
    Acknowledged,

    /// <summary>
    /// No answer that belongs to this message came in time. The message, the answer, or neither may have arrived: silence
    /// does not tell.
    /// </summary>
    NoReply,

    /// <summary>The peer's machine reported that nothing listens on the port (ICMP port unreachable).</summary>
    PortClosed,

    /// <summary>The network reported that the peer's machine or network cannot be reached (ICMP destination unreachable).</summary>
    Unreachable,

    /// <summary>It did not leave this machine, for a reason that the message's Reason tells.</summary>
    NotSent,
}
