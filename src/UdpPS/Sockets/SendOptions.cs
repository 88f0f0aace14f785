using System.Net;

namespace UdpPS.Sockets;

/// <summary>How the sockets that messages leave from are set up.</summary>
internal sealed record SendOptions
{
    /// <summary>The address to send from; null leaves the choice to the system.</summary>
    internal IPAddress? LocalAddress { get; init; }

    /// <summary>The port that the user fixed; 0 gives each message one of its own.</summary>
    internal int LocalPort { get; init; }

    internal bool Broadcast { get; init; }

    /// <summary>IPv4 time to live, IPv6 hop limit; null for the system's default.</summary>
    internal int? MaxHops { get; init; }

    internal bool DontFragment { get; init; }

    /// <summary>How many bytes may wait to leave; null for the system's default. Linux counts what each takes in memory.</summary>
    internal int? SendBuffer { get; init; }
}
