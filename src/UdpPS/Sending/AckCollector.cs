using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using UdpPS.Sockets;

namespace UdpPS.Sending;

/// <summary>
/// Waits for the answers to many messages at once, on the caller's thread, and re-transmits. What happens comes out as
/// <see cref="AckEvent"/>, in the order in which it happens.
/// </summary>
internal sealed class AckCollector : IDisposable
{
    // The longest wait without a look at whether the user wants to stop.
    private const int SliceMilliseconds = 100;

    // Looks at everything shall take no more than this part of the time.
    private const int LookCostFactor = 10;

    private static readonly long LookIntervalTicks = Stopwatch.Frequency / 1000;

    // A message that left so short a time ago cannot be answered yet.
    private static readonly long FreshTicks = Stopwatch.Frequency / 50_000;

    [ThreadStatic]
    private static List<AckCollector>? t_onThisThread;

    private readonly List<AckCollector> _siblings;
    private readonly RetrySchedule _schedule;
    private readonly bool _collectAll;
    private readonly Encoding _encoding;
    private readonly LinkedList<PendingMessage> _pending = new();
    private readonly Queue<AckEvent> _events = new();
    private readonly ISocketWatch _watch = LinuxPeerCalls.AreThere ? new LinuxSocketWatch() : new PortableSocketWatch();
    private readonly PromptPeer _promptPeer = new();
    private LinkedListNode<PendingMessage>? _expected;
    private long _lookedAt;
    private long _nextLook;

    /// <param name="schedule">How long to wait, and how often to send again.</param>
    /// <param name="collectAll">Whether to wait for everyone who answers, until the time is up.</param>
    /// <param name="encoding">How answers are decoded.</param>
    internal AckCollector(RetrySchedule schedule, bool collectAll, Encoding encoding)
    {
        _schedule = schedule;
        _collectAll = collectAll;
        _encoding = encoding;
        _siblings = t_onThisThread ??= new List<AckCollector>();
        lock (_siblings)
        {
            _siblings.Add(this);
        }
    }

    /// <summary>Whether <see cref="TryTake"/> has something to give.</summary>
    internal bool HasEvents => _events.Count > 0;

    /// <summary>Messages that are not settled.</summary>
    internal int InFlight => _pending.Count;

    /// <summary>
    /// Lets every collector of this thread look. A command that waits keeps those further down its pipeline from running, and
    /// their acks from being read and their messages from being sent again.
    /// </summary>
    /// <returns>Whether any has messages in flight.</returns>
    internal static bool LookOnThisThread()
    {
        bool isAnyInFlight = false;
        List<AckCollector> collectors = t_onThisThread ?? new List<AckCollector>();
        lock (collectors)
        {
            foreach (AckCollector collector in collectors)
            {
                collector.Look();
                isAnyInFlight |= collector.InFlight > 0;
            }
        }

        return isAnyInFlight;
    }

    /// <summary>Takes on a message. One that is settled already comes out again as it is.</summary>
    internal void Add(UdpSentMessage message)
    {
        if (message.Channel is not Conversation conversation || !conversation.TryClaim(message))
        {
            _events.Enqueue(new AckEvent(message, message.Ack, IsSettled: true));
            return;
        }

        if (_collectAll)
        {
            message.FurtherReplies ??= new FurtherReplies();
        }

        var pending = new PendingMessage(message, conversation, _schedule.FirstWait);
        _pending.AddLast(pending.Node);
        if (Stopwatch.GetTimestamp() - message.LastSentTimestamp > FreshTicks)
        {
            conversation.ReadReplies();
        }

        Advance(pending, hasTimePassed: false);
    }

    internal bool TryTake(out AckEvent next)
    {
        bool isThere = _events.Count > 0;
        next = isThere ? _events.Dequeue() : default;
        return isThere;
    }

    /// <summary>How the message waits that has been in flight longest; null when none is.</summary>
    internal AckWait? FirstWait => _pending.First?.Value is { } first
        ? new AckWait(first.Waits, _schedule.MaximumAttempts, first.LastWait, first.Deadline)
        : null;

    /// <summary>
    /// Waits a moment, until something has happened that <see cref="TryTake"/> gives; not at all when nothing is in flight.
    /// </summary>
    /// <exception cref="OperationCanceledException">The user wants to stop.</exception>
    internal void Wait(CancellationToken cancellation)
    {
        if (_pending.Count > 0 && _events.Count == 0)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!TryReadExpected())
            {
                WaitSlice();
            }
        }
    }

    /// <summary>Handles what has come and what is due, without waiting; not more often than that is worth.</summary>
    internal void Look()
    {
        if (_pending.Count > 0 && Stopwatch.GetTimestamp() >= _nextLook)
        {
            WaitSlice(0);
        }
    }

    /// <summary>Waits a moment at most, and handles what has come and what is due.</summary>
    internal void WaitSlice(int longestMilliseconds = SliceMilliseconds)
    {
        Deadline first = Deadline.Never;
        _watch.Clear();
        foreach (PendingMessage pending in _pending)
        {
            _watch.Add(pending.Conversation.Socket);
            first = Deadline.Earlier(first, pending.Deadline);
        }

        // A deadline is judged by when the wait began: all that had come by then is read first, however late this thread runs on.
        long waitedSince = Stopwatch.GetTimestamp();
        _watch.Wait(Math.Min(longestMilliseconds, first.RemainingMilliseconds));
        long now = Stopwatch.GetTimestamp();

        int index = 0;
        foreach (PendingMessage pending in _pending)
        {
            if (_watch.IsReady(index++))
            {
                pending.Conversation.ReadReplies(waitedSince, _lookedAt);
            }
        }

        _lookedAt = now;
        for (LinkedListNode<PendingMessage>? node = _pending.First; node is not null;)
        {
            PendingMessage pending = node.Value;
            node = node.Next;
            Advance(pending, pending.Deadline.HasPassedAt(waitedSince));
        }

        long end = Stopwatch.GetTimestamp();
        _nextLook = end + Math.Max(LookIntervalTicks, (end - now) * LookCostFactor);
    }

    /// <summary>Stops waiting. What is not settled can be waited for again.</summary>
    public void Dispose()
    {
        foreach (PendingMessage pending in _pending)
        {
            pending.Conversation.Unclaim();
        }

        _pending.Clear();
        _expected = null;
        lock (_siblings)
        {
            _siblings.Remove(this);
        }
    }

    // Answers mostly come in the order of the messages. Looking where the next one should be costs one call, however many are
    // in flight; looking everywhere costs as much more as there are messages.
    private bool TryReadExpected()
    {
        PendingMessage pending = (_expected ?? _pending.First!).Value;
        long patience = _pending.Count == 1 ? _promptPeer.Patience : 0;
        if (_pending.Count == 1 && patience == 0)
        {
            return false;
        }

        long since = Stopwatch.GetTimestamp();
        long now = since;
        do
        {
            pending.Conversation.ReadReplies(now, _lookedAt);
            Advance(pending, pending.Deadline.HasPassedAt(now));
            now = Stopwatch.GetTimestamp();
        }
        while (_events.Count == 0 && now - since < patience);
        return _events.Count > 0;
    }

    private void Advance(PendingMessage pending, bool hasTimePassed)
    {
        UdpSentMessage message = pending.Message;
        if (message.Reply is not null)
        {
            TellReplies(pending);
        }

        if (message.Reply is not null && !_collectAll)
        {
            Settle(pending, UdpSendStatus.Acknowledged);
        }
        else if (message is { NetworkReport: not null, Reply: null } && !_schedule.AllowsRetry(pending.Waits))
        {
            SettleUnanswered(pending);
        }
        else if (hasTimePassed || pending.Conversation.IsHopeless)
        {
            OnDeadline(pending);
        }
    }

    private void OnDeadline(PendingMessage pending)
    {
        UdpSentMessage message = pending.Message;
        if (message.Reply is not null)
        {
            Settle(pending, UdpSendStatus.Acknowledged);
        }
        else if (_schedule.AllowsRetry(pending.Waits))
        {
            Retry(pending);
        }
        else
        {
            SettleUnanswered(pending);
        }
    }

    private void SettleUnanswered(PendingMessage pending)
    {
        UdpSentMessage message = pending.Message;
        message.IsUnmatched = pending.Conversation.HasUnmatchedReplies;
        message.Reason = ReasonOf(message);
        Settle(pending, message.NetworkReport is { } report ? NetworkReports.ToStatus(report) : UdpSendStatus.NoReply);
    }

    private static string? ReasonOf(UdpSentMessage message) => message switch
    {
        { NetworkReport: { } report } => NetworkReports.ToReason(report),
        { IsUnmatched: true } => $"port {message.LocalPort} carried other messages there too, and a reply could belong to any of them",
        { EmptyReplyFrom: { } peer } => $"an empty datagram came from {peer}, which acknowledges nothing",
        _ => null,
    };

    private void Retry(PendingMessage pending)
    {
        try
        {
            pending.Conversation = pending.Conversation.Resend(pending.Message);
        }
        catch (SocketException exception)
        {
            // The network is away now, and may be back for the next attempt; unless there is no socket left to wait at.
            pending.Message.NetworkReport = exception.SocketErrorCode;
            if (pending.Conversation.IsHopeless)
            {
                SettleUnanswered(pending);
                return;
            }
        }

        pending.WaitFor(_schedule.NextWait(pending.LastWait));
    }

    private void TellReplies(PendingMessage pending)
    {
        UdpSentMessage message = pending.Message;
        if (message.Ack is null)
        {
            message.Ack = message.CreateAck(message.Reply!, _encoding);
            Tell(pending, message.Ack);
        }

        if (_collectAll)
        {
            for (; pending.ToldFurther < message.FurtherReplies!.Count; pending.ToldFurther++)
            {
                Tell(pending, message.CreateAck(message.FurtherReplies[pending.ToldFurther], _encoding));
            }
        }
    }

    private void Tell(PendingMessage pending, UdpAck ack)
    {
        if (_collectAll)
        {
            _events.Enqueue(new AckEvent(pending.Message, ack, IsSettled: false));
        }
    }

    private void Settle(PendingMessage pending, UdpSendStatus status)
    {
        _expected = pending.Node.Next;
        _pending.Remove(pending.Node);
        pending.Message.Status = status;
        _promptPeer.Note(pending.Message);
        pending.Conversation.Release(pending.Message);
        _events.Enqueue(new AckEvent(pending.Message, _collectAll ? null : pending.Message.Ack, IsSettled: true));
    }
}
