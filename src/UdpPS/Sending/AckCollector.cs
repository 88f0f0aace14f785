using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using UdpPS.Sockets;

namespace UdpPS.Sending;

/// <summary>
/// Waits for the acks of many messages at once, on the caller's thread, and re-transmits. What happens comes out as
/// <see cref="AckEvent"/>, in the order in which it happens.
/// </summary>
internal sealed class AckCollector : IDisposable
{
    // The longest wait without a look at whether the user wants to stop.
    private const int SliceMilliseconds = 100;

    // Looks without a wait shall take no more than this part of the time.
    private const int LookCostFactor = 10;

    [ThreadStatic]
    private static List<AckCollector>? t_onThisThread;

    private readonly List<AckCollector> _siblings;
    private readonly RetrySchedule _schedule;
    private readonly bool _collectAll;
    private readonly Encoding _encoding;
    private readonly LinkedList<PendingMessage> _pending = new();
    private readonly Queue<AckEvent> _events = new();
    private readonly IPoller _poller;
    private long _nextLook;

    /// <param name="schedule">How long to wait, and how often to send again.</param>
    /// <param name="collectAll">Whether to wait for everyone who replies, until the time is up.</param>
    /// <param name="encoding">How replies are decoded.</param>
    /// <param name="factory">Where the sockets of the messages come from.</param>
    internal AckCollector(RetrySchedule schedule, bool collectAll, Encoding encoding, IPeerSocketFactory factory)
    {
        _schedule = schedule;
        _collectAll = collectAll;
        _encoding = encoding;
        _poller = factory.CreatePoller();
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

    /// <summary>How the message waits that has been in flight longest; null when none is.</summary>
    internal AckWait? FirstWait => _pending.First?.Value is { } first
        ? new AckWait(first.Waits, _schedule.MaximumAttempts, first.LastWait, first.Deadline)
        : null;

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

    /// <summary>Takes on a message. One at which nothing more can come is settled by what has come.</summary>
    internal void Add(UdpSentMessage message)
    {
        if (message.IsSettled || message.Exchange is not { } exchange)
        {
            _events.Enqueue(new AckEvent(message, message.Ack, IsSettled: true));
            return;
        }

        bool isOpen = exchange.TryClaim(_collectAll);
        var pending = new PendingMessage(message, exchange, _schedule.FirstWait);
        _pending.AddLast(pending.Node);
        exchange.ReadIfOverdue();
        Advance(pending, hasTimePassed: !isOpen);
    }

    internal bool TryTake(out AckEvent next)
    {
        bool isThere = _events.Count > 0;
        next = isThere ? _events.Dequeue() : default;
        return isThere;
    }

    /// <summary>
    /// Waits a moment, until something has happened that <see cref="TryTake"/> gives; not at all when nothing is in flight.
    /// </summary>
    /// <exception cref="OperationCanceledException">The user wants to stop.</exception>
    internal void Wait(CancellationToken cancellation)
    {
        if (_pending.Count > 0 && _events.Count == 0)
        {
            cancellation.ThrowIfCancellationRequested();
            WaitSlice(SliceMilliseconds);
        }
    }

    /// <summary>Handles what has come and what is due, without waiting; not more often than that is worth.</summary>
    internal void Look()
    {
        long now = Stopwatch.GetTimestamp();
        if (_pending.Count > 0 && now >= _nextLook)
        {
            WaitSlice(0);
            long end = Stopwatch.GetTimestamp();
            _nextLook = end + ((end - now) * LookCostFactor);
        }
    }

    /// <summary>Stops waiting. What is not settled can be waited for again.</summary>
    public void Dispose()
    {
        foreach (PendingMessage pending in _pending)
        {
            pending.Exchange.Unclaim();
        }

        _pending.Clear();
        lock (_siblings)
        {
            _siblings.Remove(this);
        }
    }

    // Waits a moment at most, and handles what has come and what is due.
    private void WaitSlice(int longestMilliseconds)
    {
        Deadline first = Deadline.Never;
        _poller.Clear();
        foreach (PendingMessage pending in _pending)
        {
            pending.IsPolled = pending.Exchange.TryAddTo(_poller);
            first = Deadline.Earlier(first, pending.IsPolled ? pending.Deadline : Deadline.After(0));
        }

        // A deadline is judged by when the wait began: all that had come by then is read first, however late this thread runs on.
        long waitedSince = Stopwatch.GetTimestamp();
        _poller.Wait(Math.Min(longestMilliseconds, first.RemainingMilliseconds));
        long now = Stopwatch.GetTimestamp();

        int index = 0;
        for (LinkedListNode<PendingMessage>? node = _pending.First; node is not null;)
        {
            PendingMessage pending = node.Value;
            node = node.Next;
            if (pending.Exchange.IsShared || (pending.IsPolled && _poller.IsReady(index)))
            {
                pending.Exchange.Read(waitedSince);
            }
            else
            {
                pending.Exchange.NoteSilence(now);
            }

            index += pending.IsPolled ? 1 : 0;
            Advance(pending, pending.Deadline.HasPassedAt(waitedSince));
        }
    }

    private void Advance(PendingMessage pending, bool hasTimePassed)
    {
        Exchange exchange = pending.Exchange;
        TellReplies(pending);
        if (exchange.ReplyCount > 0 && (!_collectAll || hasTimePassed || exchange.IsClosed))
        {
            Settle(pending, UdpSendStatus.Acknowledged);
        }
        else if (exchange.IsClosed)
        {
            // Another command has settled it, or nobody asked in time.
            SettleUnanswered(pending);
        }
        else if (exchange is { IsToBeFragmented: true, ReplyCount: 0 })
        {
            Send(pending);
        }
        else if (exchange.ReplyCount == 0 && (hasTimePassed || (exchange.Report is not null && !MayRetry(pending))))
        {
            OnSilence(pending);
        }
    }

    private bool MayRetry(PendingMessage pending) => _schedule.AllowsRetry(pending.Waits);

    private void OnSilence(PendingMessage pending)
    {
        if (MayRetry(pending))
        {
            Send(pending);
            pending.WaitFor(_schedule.NextWait(pending.LastWait));
        }
        else
        {
            SettleUnanswered(pending);
        }
    }

    private static void Send(PendingMessage pending)
    {
        try
        {
            pending.Exchange.Send(pending.Message.Bytes);
        }
        catch (SocketException exception)
        {
            // The network is away now, and may be back for the next attempt.
            pending.Exchange.Report ??= IcmpError.From(exception.SocketErrorCode);
        }
    }

    private void SettleUnanswered(PendingMessage pending)
    {
        UdpSentMessage message = pending.Message;
        Exchange exchange = pending.Exchange;
        UdpSendStatus status = exchange switch
        {
            _ when message.IsSettled => message.Status,
            { Report: { } report } => IcmpVerdict.ToStatus(report),
            { IsClosed: true } => UdpSendStatus.Sent,
            _ => UdpSendStatus.NoReply,
        };
        message.Reason ??= exchange.Report is { } reported ? IcmpVerdict.ToReason(reported, exchange) : exchange.Doubt;
        Settle(pending, status);
    }

    private void TellReplies(PendingMessage pending)
    {
        UdpSentMessage message = pending.Message;
        Exchange exchange = pending.Exchange;
        for (; pending.ToldReplies < exchange.ReplyCount; pending.ToldReplies++)
        {
            UdpAck ack = new(message, exchange[pending.ToldReplies], exchange.Attempts, _encoding);
            message.Ack ??= ack;
            if (_collectAll)
            {
                _events.Enqueue(new AckEvent(message, ack, IsSettled: false));
            }
        }
    }

    private void Settle(PendingMessage pending, UdpSendStatus status)
    {
        _pending.Remove(pending.Node);
        lock (pending.Exchange)
        {
            // Another command may have settled it.
            pending.Message.Status = pending.Message.IsSettled ? pending.Message.Status : status;
        }

        pending.Exchange.Close();
        _events.Enqueue(new AckEvent(pending.Message, _collectAll ? null : pending.Message.Ack, IsSettled: true));
    }
}
