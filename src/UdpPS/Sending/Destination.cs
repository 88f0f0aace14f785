using System;
using System.Collections.Generic;
using System.Diagnostics;

namespace UdpPS.Sending;

/// <summary>
/// The sockets to one peer of one sending command. A socket is used again only when a late duplicate of an answer is not to
/// be feared: it would be taken for the answer to the next message. So it rests for several of the longest round trips
/// seen, the first messages each have a socket of their own, and a peer that ever answered twice never sees one again. How
/// long it takes to be sure does not depend on how fast messages go out: sockets at rest are looked at from time to time,
/// and before the first is used again. Not for two threads at once.
/// </summary>
internal sealed class Destination
{
    /// <summary>How late a second answer may be: so long are answers watched before a socket is used again, or closed.</summary>
    internal const double WatchSeconds = 0.25;

    private const int ExchangesBeforeReuse = 256;
    private const int MaximumResting = 1024;
    private const double RestInRoundTrips = 4;

    // Listeners, ours among them, take the same text again and again from one port, each right after an ack, for a loop.
    private const double MinimumRestSeconds = 0.015;
    private const int MaximumExchanges = 32;

    // Old extremes are forgotten: one pause of the machine shall not keep sockets resting for ever.
    private const double RoundTripDecay = 0.998;

    private static readonly long WatchTicks = (long)(WatchSeconds * Stopwatch.Frequency);

    private readonly Queue<Conversation> _resting = new();
    private int _exchanges;
    private double _longestRoundTrip;
    private bool _answersTwice;

    // When to look at all that rest; null while none does.
    private long? _nextWatch;

    // Whether the first look has found nothing.
    private bool _isProved;

    /// <summary>What every message leaves from, where the user fixed the port, or keeps none of the messages.</summary>
    internal Conversation? Common { get; set; }

    /// <summary>Takes back a conversation whose messages are all answered.</summary>
    /// <param name="conversation">Nothing is open on it.</param>
    /// <param name="roundTrip">How long its last answer took, in ticks of the monotonic clock.</param>
    /// <returns>False when it shall not be used again.</returns>
    internal bool TryRest(Conversation conversation, long roundTrip)
    {
        _exchanges++;
        _longestRoundTrip = Math.Max(roundTrip, _longestRoundTrip * RoundTripDecay);
        conversation.Exchanges++;
        if (_answersTwice || conversation.Exchanges >= MaximumExchanges || _resting.Count >= MaximumResting)
        {
            return false;
        }

        conversation.RestingSince = Stopwatch.GetTimestamp();
        _nextWatch ??= conversation.RestingSince + WatchTicks;
        _resting.Enqueue(conversation);
        return true;
    }

    /// <summary>A conversation that has rested, if one can be used again.</summary>
    internal Conversation? TakeRested()
    {
        if (_answersTwice || _exchanges < ExchangesBeforeReuse || _resting.Count == 0)
        {
            return null;
        }

        long now = Stopwatch.GetTimestamp();
        if (!IsWatched(now) || !HasRested(_resting.Peek(), now))
        {
            return null;
        }

        _answersTwice = _resting.Peek().LookForStrayReply();
        return _answersTwice ? null : _resting.Dequeue();
    }

    /// <summary>Closes what is not in use.</summary>
    internal void Close()
    {
        if (Common is { IsInUse: false } idle)
        {
            idle.Dispose();
        }

        while (_resting.Count > 0)
        {
            _resting.Dequeue().Dispose();
        }
    }

    private bool HasRested(Conversation conversation, long now) =>
        now - conversation.RestingSince
            >= Math.Max(_longestRoundTrip * RestInRoundTrips, MinimumRestSeconds * Stopwatch.Frequency);

    // A late duplicate may come to any socket at rest, long before that one's turn.
    private bool IsWatched(long now)
    {
        if (now < _nextWatch)
        {
            return _isProved;
        }

        foreach (Conversation resting in _resting)
        {
            _answersTwice |= resting.LookForStrayReply();
        }

        _nextWatch = now + WatchTicks;
        _isProved = true;
        return !_answersTwice;
    }
}
