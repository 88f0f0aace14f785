using System.Collections.Generic;
using System.Net;

namespace UdpPS;

/// <summary>What came after the first reply to a message that many may answer: one reply of each responder.</summary>
internal sealed class FurtherReplies
{
    private readonly List<UdpReply> _replies = new();
    private readonly HashSet<IPEndPoint> _responders = new();

    internal int Count => _replies.Count;

    internal UdpReply this[int index] => _replies[index];

    /// <summary>Whether a reply's responder has not been heard before. It has from now on.</summary>
    internal bool IsFirstOf(UdpReply reply) => _responders.Add(reply.RemoteEndPoint);

    internal void Add(UdpReply reply) => _replies.Add(reply);
}
