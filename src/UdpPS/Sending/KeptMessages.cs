using System;
using System.Collections.Generic;

namespace UdpPS.Sending;

/// <summary>
/// Finds out whether anybody keeps the messages that are sent. One that is kept may be asked about later, and has a socket of
/// its own until then; if they are thrown away as they come, all further ones can share a socket.
/// </summary>
/// <remarks>Only the garbage collector knows who keeps an object. It is asked rarely: once in so many unclaimed messages.</remarks>
internal sealed class KeptMessages
{
    private const int FirstLimit = 256;

    // So many sockets are within the limits of common systems.
    private const int LastLimit = 4096;

    private readonly List<WeakReference<UdpSentMessage>> _unclaimed = new();
    private int _limit = FirstLimit;
    private UdpSentMessage? _last;
    private Conversation? _lastConversation;

    /// <summary>Whether the messages are thrown away, or are too many to give each a socket.</summary>
    internal bool IsNothingKept { get; private set; }

    /// <summary>Notes a message that was just sent.</summary>
    internal void Note(UdpSentMessage message, Conversation conversation)
    {
        if (IsNothingKept)
        {
            return;
        }

        // Whether the one before was claimed shows only now that its pipeline has run.
        if (_last is not null && _lastConversation is { WasClaimed: false })
        {
            _unclaimed.Add(new WeakReference<UdpSentMessage>(_last));
        }

        _last = message;
        _lastConversation = conversation;
        if (_unclaimed.Count >= _limit)
        {
            Look();
        }
    }

    private void Look()
    {
        // The messages are young: the oldest generation need not be searched.
        GC.Collect(1);
        GC.WaitForPendingFinalizers();
        _unclaimed.RemoveAll(reference => !reference.TryGetTarget(out UdpSentMessage? message) || message.Channel is null);
        if (_unclaimed.Count < _limit / 2 || _limit == LastLimit)
        {
            IsNothingKept = true;
            _unclaimed.Clear();
            _last = null;
            _lastConversation = null;
        }
        else
        {
            _limit *= 2;
        }
    }
}
