using System;
using System.Collections.Generic;
using System.Net;
using System.Text;
using UdpPS.Sockets;

namespace UdpPS.Listening;

/// <summary>Everything a listener is told at its start.</summary>
internal sealed record ListenerOptions
{
    /// <summary>The address to bind to; null for every address of this machine, of both families.</summary>
    internal IPAddress? LocalAddress { get; init; }

    /// <summary>0 picks a free port.</summary>
    internal int Port { get; init; }

    internal bool ReuseAddress { get; init; }

    internal IReadOnlyList<IPAddress> MulticastGroups { get; init; } = Array.Empty<IPAddress>();

    /// <summary>The interface to join the groups on; null leaves the choice to the system.</summary>
    internal LocalInterface? Interface { get; init; }

    /// <summary>Messages held between socket and pipeline.</summary>
    internal int QueueLength { get; init; } = 65536;

    /// <summary>Who may send; null for everyone.</summary>
    internal AllowList? AllowFrom { get; init; }

    /// <summary>How text is decoded, and the ack's text encoded.</summary>
    internal Encoding Encoding { get; init; } = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Acks per second and source address; 0 for no limit.</summary>
    internal double MaximumAcksPerSecond { get; init; }

    /// <summary>How long a repeated datagram is known for one; 0 for not at all.</summary>
    internal double DuplicateWindowSeconds { get; init; }
}
