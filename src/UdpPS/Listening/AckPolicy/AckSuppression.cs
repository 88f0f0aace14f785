namespace UdpPS.Listening;

/// <summary>Why an ack that was due is held back.</summary>
internal enum AckSuppression
{
    /// <summary>It is not: the ack may leave.</summary>
    None,

    /// <summary>The message is what the ack would be: an ack is never acknowledged (RFC 7252 section 4.2).</summary>
    OwnAck,

    /// <summary>The message claims to come from the listener itself.</summary>
    OwnEndPoint,

    /// <summary>The message claims to come from a port of a service that answers everything, or from no port at all.</summary>
    ReservedPort,

    /// <summary>
    /// The message claims to come from an address that is no host's: an unspecified one, which the system takes for this
    /// machine, or a broadcast or multicast one, which would multiply the ack.
    /// </summary>
    NoHost,

    /// <summary>The sender repeats itself in step with the acks, and this is the one in a thousand that is withheld.</summary>
    Loop,

    /// <summary>The ack is more than three times the message, and goes to an unproven address.</summary>
    TooLarge,

    /// <summary>The ack is longer than one datagram to that address can be.</summary>
    TooLong,

    /// <summary>The source address has had its acks for now.</summary>
    RateLimit,
}
