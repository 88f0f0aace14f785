using System.Net;

namespace UdpPS.Sending;

/// <summary>How the sockets that messages leave from are set up.</summary>
internal sealed record SendOptions
{
    /// <summary>The address to send from; null leaves the choice to the system.</summary>
    internal IPAddress? LocalAddress { get; init; }

    /// <summary>The port to send from; 0 picks a free one for every socket.</summary>
    internal int LocalPort { get; init; }

    internal bool Broadcast { get; init; }

    /// <summary>IPv4 time to live, IPv6 hop limit; null for the system's default.</summary>
    internal int? MaxHops { get; init; }

    internal bool DontFragment { get; init; }
}
