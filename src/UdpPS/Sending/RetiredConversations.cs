using System.Collections.Generic;
using System.Diagnostics;

namespace UdpPS.Sending;

/// <summary>
/// Sockets from which no other message leaves, and which stay open for a while: once one is closed, its port could be the
/// next message's, and a late answer with it. Not for two threads at once.
/// </summary>
internal sealed class RetiredConversations
{
    private const int AlwaysKept = 512;

    // So many more sockets are within the limits of common systems.
    private const int MaximumKept = 4096;

    private static readonly long KeptTicks = (long)(Destination.WatchSeconds * Stopwatch.Frequency);

    private readonly Queue<Conversation> _conversations = new();

    internal void Add(Conversation conversation)
    {
        long now = Stopwatch.GetTimestamp();
        conversation.RestingSince = now;
        _conversations.Enqueue(conversation);
        while (MayCloseOldest(now))
        {
            _conversations.Dequeue().Dispose();
        }
    }

    internal void CloseAll()
    {
        while (_conversations.Count > 0)
        {
            _conversations.Dequeue().Dispose();
        }
    }

    private bool MayCloseOldest(long now) =>
        _conversations.Count > MaximumKept
        || (_conversations.Count > AlwaysKept && now - _conversations.Peek().RestingSince > KeptTicks);
}
