namespace UdpPS.Sockets;

/// <summary>What an ICMP error says (RFC 792, RFC 1812 section 5.2.7.1, RFC 4443 section 3).</summary>
internal enum IcmpErrorKind
{
    /// <summary>Something else, or what the system itself said.</summary>
    Other,

    PortUnreachable,
    HostUnreachable,
    NetworkUnreachable,

    /// <summary>A firewall rejects it.</summary>
    Prohibited,

    /// <summary>It crossed as many routers as it may.</summary>
    TimeExceeded,

    /// <summary>It is longer than the path takes in one piece.</summary>
    TooBig,
}
