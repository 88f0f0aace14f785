using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace UdpPS.Sending;

/// <summary>
/// The sockets of one sending command, by destination. A socket is used again only when a late duplicate of an answer is
/// not to be feared: it would be taken for the answer to the next message. So it rests for several of the longest round
/// trips seen, the first messages each have a socket of their own, and a destination that ever answered twice never sees
/// one again. How long it takes to be sure does not depend on how fast messages go out: sockets at rest are looked at from
/// time to time, and before the first is used again.
/// </summary>
internal sealed class ConversationPool : IDisposable
{
    /// <summary>How late a second answer may be: so long are answers watched before a socket is used again, or closed.</summary>
    internal const double WatchSeconds = 0.25;

    private const int ExchangesBeforeReuse = 256;
    private const int MaximumResting = 1024;
    private const int MaximumDestinations = 256;
    private const int AlwaysRetired = 512;

    // So many more sockets are within the limits of common systems.
    private const int MaximumRetired = 4096;
    private const double RestInRoundTrips = 4;
    private const int MaximumTogether = 64;

    // Listeners, ours among them, take the same text again and again from one port, each right after an ack, for a loop.
    private const double MinimumRestSeconds = 0.015;
    private const int MaximumExchanges = 32;

    // Old extremes are forgotten: one pause of the machine shall not keep sockets resting for ever.
    private const double RoundTripDecay = 0.998;

    private static readonly long WatchTicks = (long)(WatchSeconds * Stopwatch.Frequency);

    private readonly object _lock = new();
    private readonly Dictionary<IPEndPoint, Destination> _destinations = new();
    private readonly SendOptions _options;
    private readonly KeptMessages _kept = new();
    private readonly Queue<Conversation> _retired = new();
    private readonly byte[][] _payloads = new byte[MaximumTogether][];
    private IPEndPoint? _lastRemote;
    private Destination? _lastDestination;
    private bool _isDisposed;

    internal ConversationPool(SendOptions options) => _options = options;

    /// <summary>Whether messages to one peer can leave together: nobody keeps them to ask for an answer.</summary>
    internal bool MaySendTogether => _kept.IsNothingKept && _options.LocalPort == 0;

    /// <summary>Sends a message from a socket on which its answer can be recognized.</summary>
    /// <exception cref="SocketException">It could not be sent.</exception>
    internal void Send(UdpSentMessage message)
    {
        lock (_lock)
        {
            Conversation conversation = Rent(message.RemoteEndPoint);
            try
            {
                conversation.Send(message);
            }
            catch (SocketException) when (!conversation.IsInUse)
            {
                Forget(conversation);
                throw;
            }

            _kept.Note(message, conversation);
        }
    }

    /// <summary>Sends messages to one peer together; only where <see cref="MaySendTogether"/> says so.</summary>
    /// <inheritdoc cref="UdpSender.SendMany"/>
    internal int SendMany(IReadOnlyList<UdpSentMessage> messages, int offset)
    {
        lock (_lock)
        {
            Conversation conversation = Rent(messages[offset].RemoteEndPoint);
            try
            {
                return conversation.SendMany(messages, offset, _payloads);
            }
            catch (SocketException)
            {
                Forget(conversation);
                throw;
            }
        }
    }

    /// <summary>Takes back a conversation whose messages are all answered.</summary>
    /// <param name="conversation">Nothing is open on it.</param>
    /// <param name="roundTrip">How long its last answer took, in ticks of the monotonic clock.</param>
    internal void Rest(Conversation conversation, long roundTrip)
    {
        lock (_lock)
        {
            if (_isDisposed || FindDestination(conversation.Remote) is not { } destination)
            {
                conversation.Dispose();
                return;
            }

            destination.Exchanges++;
            destination.LongestRoundTrip = Math.Max(roundTrip, destination.LongestRoundTrip * RoundTripDecay);
            conversation.Exchanges++;
            if (destination.AnswersTwice
                || conversation.Exchanges >= MaximumExchanges
                || destination.Resting.Count >= MaximumResting)
            {
                Retire(conversation);
                return;
            }

            conversation.RestingSince = Stopwatch.GetTimestamp();
            destination.NextWatch ??= conversation.RestingSince + WatchTicks;
            destination.Resting.Enqueue(conversation);
        }
    }

    /// <summary>
    /// Takes back a conversation that may yet be answered: unanswered, sent twice, or answered by many. No other message
    /// leaves from it, and it stays open for a while: once closed, its port could be the next message's.
    /// </summary>
    internal void Retire(Conversation conversation)
    {
        lock (_lock)
        {
            long now = Stopwatch.GetTimestamp();
            conversation.RestingSince = now;
            _retired.Enqueue(conversation);
            while (_retired.Count > 0 && MayClose(_retired.Peek(), now))
            {
                _retired.Dequeue().Dispose();
            }
        }
    }

    /// <summary>Closes what is not in use. A message whose answer was not asked for yet keeps its own socket.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            ForgetDestinations();
            while (_retired.Count > 0)
            {
                _retired.Dequeue().Dispose();
            }
        }
    }

    private bool MayClose(Conversation oldest, long now) =>
        _isDisposed
        || _retired.Count > MaximumRetired
        || (_retired.Count > AlwaysRetired && now - oldest.RestingSince > WatchTicks);

    private Conversation Rent(IPEndPoint remote)
    {
        Destination destination = DestinationOf(remote);
        if (_options.LocalPort != 0 || _kept.IsNothingKept)
        {
            return destination.Common ??= new Conversation(remote, _options, this, isShared: _options.LocalPort == 0);
        }

        return TakeRested(destination) ?? new Conversation(remote, _options, this);
    }

    private Destination DestinationOf(IPEndPoint remote)
    {
        Destination? destination = FindDestination(remote);
        if (destination is null)
        {
            if (_destinations.Count >= MaximumDestinations || _options.LocalPort != 0)
            {
                ForgetDestinations();
            }

            destination = new Destination();
            _destinations.Add(remote, destination);
        }

        _lastRemote = remote;
        _lastDestination = destination;
        return destination;
    }

    private Destination? FindDestination(IPEndPoint remote)
    {
        if (ReferenceEquals(remote, _lastRemote))
        {
            return _lastDestination;
        }

        _destinations.TryGetValue(remote, out Destination? destination);
        return destination;
    }

    private void Forget(Conversation conversation)
    {
        DestinationOf(conversation.Remote).Common = null;
        conversation.Dispose();
    }

    private void ForgetDestinations()
    {
        foreach (Destination destination in _destinations.Values)
        {
            destination.Close();
        }

        _destinations.Clear();
        _lastRemote = null;
        _lastDestination = null;
    }

    private Conversation? TakeRested(Destination destination)
    {
        if (destination.AnswersTwice || destination.Exchanges < ExchangesBeforeReuse || destination.Resting.Count == 0)
        {
            return null;
        }

        long now = Stopwatch.GetTimestamp();
        if (!IsWatched(destination, now) || !HasRested(destination.Resting.Peek(), destination, now))
        {
            return null;
        }

        Conversation conversation = destination.Resting.Dequeue();
        if (!conversation.LookForStrayReply())
        {
            return conversation;
        }

        destination.AnswersTwice = true;
        Retire(conversation);
        return null;
    }

    private static bool HasRested(Conversation conversation, Destination destination, long now) =>
        now - conversation.RestingSince
            >= Math.Max(destination.LongestRoundTrip * RestInRoundTrips, MinimumRestSeconds * Stopwatch.Frequency);

    // A late duplicate may come to any socket at rest, long before that one's turn.
    private static bool IsWatched(Destination destination, long now)
    {
        if (now < destination.NextWatch)
        {
            return destination.IsProved;
        }

        foreach (Conversation resting in destination.Resting)
        {
            destination.AnswersTwice |= resting.LookForStrayReply();
        }

        destination.NextWatch = now + WatchTicks;
        destination.IsProved = true;
        return !destination.AnswersTwice;
    }

    private sealed class Destination
    {
        /// <summary>What every message leaves from, where the user fixed the port, or keeps none of the messages.</summary>
        internal Conversation? Common { get; set; }

        internal Queue<Conversation> Resting { get; } = new();

        internal int Exchanges { get; set; }

        internal double LongestRoundTrip { get; set; }

        internal bool AnswersTwice { get; set; }

        /// <summary>When to look at all that rest, on the monotonic clock; null while none does.</summary>
        internal long? NextWatch { get; set; }

        /// <summary>Whether the first look has found nothing.</summary>
        internal bool IsProved { get; set; }

        internal void Close()
        {
            if (Common is { IsInUse: false } idle)
            {
                idle.Dispose();
            }

            CloseResting();
        }

        internal void CloseResting()
        {
            while (Resting.Count > 0)
            {
                Resting.Dequeue().Dispose();
            }
        }
    }
}
