using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Threading;

namespace UdpPS.Sending;

/// <summary>
/// Waits for the answers to many messages at once, on the caller's thread, and re-transmits. What happens comes out as
/// <see cref="AckEvent"/>, in the order in which it happens.
/// </summary>
internal sealed class AckCollector : IDisposable
{
    // The longest wait without a look at whether the user wants to stop.
    private const int SliceMilliseconds = 100;

    private static readonly long LookIntervalTicks = Stopwatch.Frequency / 1000;

    private readonly RetrySchedule _schedule;
    private readonly bool _collectAll;
    private readonly Encoding _encoding;
    private readonly List<Pending> _pending = new();
    private readonly Queue<AckEvent> _events = new();
    private readonly List<Socket> _readable = new();
    private readonly List<Socket> _failed = new();
    private readonly HashSet<Socket> _ready = new();
    private long _lastLook;

    /// <param name="schedule">How long to wait, and how often to send again.</param>
    /// <param name="collectAll">Whether to wait for everyone who answers, until the time is up.</param>
    /// <param name="encoding">How answers are decoded.</param>
    internal AckCollector(RetrySchedule schedule, bool collectAll, Encoding encoding)
    {
        _schedule = schedule;
        _collectAll = collectAll;
        _encoding = encoding;
    }

    /// <summary>Whether <see cref="TryTake"/> has something to give.</summary>
    internal bool HasEvents => _events.Count > 0;

    /// <summary>Messages that are not settled.</summary>
    internal int InFlight => _pending.Count;

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
            message.FurtherReplies ??= new List<UdpReply>();
        }

        var pending = new Pending(message, conversation, _schedule.FirstWait);
        _pending.Add(pending);
        conversation.ReadReplies();
        Advance(pending);
        _pending.RemoveAll(IsDone);
    }

    internal bool TryTake(out AckEvent next)
    {
        bool isThere = _events.Count > 0;
        next = isThere ? _events.Dequeue() : default;
        return isThere;
    }

    /// <summary>Waits until something has happened that <see cref="TryTake"/> gives, or nothing is in flight.</summary>
    /// <exception cref="OperationCanceledException">The user wants to stop.</exception>
    internal void Wait(CancellationToken cancellation)
    {
        while (_pending.Count > 0 && _events.Count == 0)
        {
            cancellation.ThrowIfCancellationRequested();
            WaitSlice();
        }
    }

    /// <summary>Handles what has come and what is due, without waiting; not more often than that is worth.</summary>
    internal void Look()
    {
        if (_pending.Count > 0 && Stopwatch.GetTimestamp() - _lastLook >= LookIntervalTicks)
        {
            WaitSlice(0);
        }
    }

    /// <summary>Waits a moment at most, and handles what has come and what is due.</summary>
    internal void WaitSlice(int longestMilliseconds = SliceMilliseconds)
    {
        long waitedSince = Stopwatch.GetTimestamp();
        WaitForSockets(longestMilliseconds);
        _lastLook = Stopwatch.GetTimestamp();
        foreach (Pending pending in _pending)
        {
            if (_ready.Contains(pending.Conversation.Socket))
            {
                pending.Conversation.ReadReplies(waitedSince);
            }
            else
            {
                pending.Conversation.NoteSilence();
            }
        }

        foreach (Pending pending in _pending)
        {
            Advance(pending);
        }

        _pending.RemoveAll(IsDone);
    }

    /// <summary>Stops waiting. What is not settled can be waited for again.</summary>
    public void Dispose()
    {
        foreach (Pending pending in _pending)
        {
            pending.Conversation.Unclaim();
        }

        _pending.Clear();
    }

    private static bool IsDone(Pending pending) => pending.IsDone;

    private void WaitForSockets(int longestMilliseconds)
    {
        int wait = longestMilliseconds;
        foreach (Pending pending in _pending)
        {
            wait = Math.Min(wait, pending.Deadline.RemainingMilliseconds);
        }

        _ready.Clear();
        if (_pending.Count == 1)
        {
            Socket only = _pending[0].Conversation.Socket;
            only.Poll(wait * 1000, SelectMode.SelectRead);
            _ready.Add(only);
            return;
        }

        _readable.Clear();
        _failed.Clear();
        foreach (Pending pending in _pending)
        {
            // Messages that share a port share the socket too.
            if (_ready.Add(pending.Conversation.Socket))
            {
                _readable.Add(pending.Conversation.Socket);
                _failed.Add(pending.Conversation.Socket);
            }
        }

        Socket.Select(_readable, null, _failed, wait * 1000);
        _ready.Clear();
        _ready.UnionWith(_readable);
        _ready.UnionWith(_failed);
    }

    private void Advance(Pending pending)
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
        else if (pending.Deadline.HasPassed || pending.Conversation.IsHopeless)
        {
            OnDeadline(pending);
        }
    }

    private void OnDeadline(Pending pending)
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

    private void SettleUnanswered(Pending pending)
    {
        UdpSentMessage message = pending.Message;
        message.IsUnmatched = pending.Conversation.HasUnmatchedReplies;
        Settle(pending, message.NetworkReport is { } report ? NetworkReports.ToStatus(report) : UdpSendStatus.NoReply);
    }

    private void Retry(Pending pending)
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

    private void TellReplies(Pending pending)
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

    private void Tell(Pending pending, UdpAck ack)
    {
        if (_collectAll)
        {
            _events.Enqueue(new AckEvent(pending.Message, ack, IsSettled: false));
        }
    }

    private void Settle(Pending pending, UdpSendStatus status)
    {
        pending.IsDone = true;
        pending.Message.Status = status;
        pending.Conversation.Release(pending.Message);
        _events.Enqueue(new AckEvent(pending.Message, _collectAll ? null : pending.Message.Ack, IsSettled: true));
    }

    private sealed class Pending
    {
        internal Pending(UdpSentMessage message, Conversation conversation, double firstWait)
        {
            Message = message;
            Conversation = conversation;
            LastWait = firstWait;
            Waits = 1;
            Deadline = Deadline.AfterOrNever(firstWait);
        }

        internal UdpSentMessage Message { get; }

        internal Conversation Conversation { get; set; }

        /// <summary>How long the current attempt waits, in seconds.</summary>
        internal double LastWait { get; private set; }

        /// <summary>How many attempts have waited, this one included.</summary>
        internal int Waits { get; private set; }

        internal Deadline Deadline { get; private set; }

        /// <summary>How many of the further responders have been told of.</summary>
        internal int ToldFurther { get; set; }

        internal bool IsDone { get; set; }

        internal void WaitFor(double seconds)
        {
            LastWait = seconds;
            Waits++;
            Deadline = Deadline.After(seconds);
        }
    }
}
