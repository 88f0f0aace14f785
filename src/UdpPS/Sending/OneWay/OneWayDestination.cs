using System.Collections.Generic;
using System.Net;
using UdpPS.Sockets;

namespace UdpPS.Sending;

/// <summary>One destination of messages that nobody will ask about, and those that wait for it, in their order.</summary>
internal sealed class OneWayDestination
{
    internal OneWayDestination(IPEndPoint remote, IPeerSocket socket)
    {
        Remote = remote;
        Socket = socket;
    }

    internal IPEndPoint Remote { get; }

    internal IPeerSocket Socket { get; }

    /// <summary>What waits to leave.</summary>
    internal Queue<OneWayMessage> Waiting { get; } = new();

    /// <summary>Whether it has something to send, and its turn will come.</summary>
    internal bool IsBusy { get; set; }

    /// <summary>Since when it has had no room for its next message, on the monotonic clock; null while it has.</summary>
    internal long? BlockedSince { get; set; }

    /// <summary>Whether it closes when nothing waits any longer.</summary>
    internal bool IsRetired { get; set; }
}
