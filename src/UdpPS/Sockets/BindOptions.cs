using System;
using System.Collections.Generic;
using System.Net;

namespace UdpPS.Sockets;

/// <summary>Where a listening socket is bound, and what else it hears.</summary>
internal record BindOptions
{
    /// <summary>The address to bind to; null for every address of this machine, of both families.</summary>
    internal IPAddress? LocalAddress { get; init; }

    /// <summary>0 picks a free port.</summary>
    internal int Port { get; init; }

    internal bool ReuseAddress { get; init; }

    internal IReadOnlyList<IPAddress> MulticastGroups { get; init; } = Array.Empty<IPAddress>();

    /// <summary>The interface to join the groups on; null leaves the choice to the system.</summary>
    internal LocalInterface? Interface { get; init; }
}
