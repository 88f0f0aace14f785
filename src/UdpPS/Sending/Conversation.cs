using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using UdpPS.Sockets;

namespace UdpPS.Sending;

/// <summary>One socket to one peer, and the messages whose answer may still come to it. For any thread.</summary>
internal sealed class Conversation : IReplyChannel, IDisposable
{
    // Where everyone may answer, answers may come faster than they are read: the user's wish to stop is looked at in between.
    private const int MaximumRepliesPerLook = 64;

    private readonly object _lock = new();
    private readonly PeerLink _link;
    private readonly ArrivalTiming _timing = new();
    private readonly SendOptions _options;
    private readonly OpenMessages _open;
    private readonly ConversationPool _pool;
    private int _claims;
    private bool _isClosed;
    private bool _isUnclaimed;

    /// <param name="remote">The peer.</param>
    /// <param name="options">How the socket is set up.</param>
    /// <param name="pool">Where it rests between two messages.</param>
    /// <param name="isShared">Whether it carries messages that nobody keeps.</param>
    /// <exception cref="SocketException">The local address or port cannot be had, or the peer cannot be reached.</exception>
    internal Conversation(IPEndPoint remote, SendOptions options, ConversationPool pool, bool isShared = false)
    {
        Remote = remote;
        _options = options;
        _pool = pool;
        _open = new OpenMessages(isShared);
        _link = new PeerLink(SendingSocket.Open(remote, options), _open.Note);
        CountAsUnclaimed(true);
    }

    ~Conversation() => CountAsUnclaimed(false);

    internal IPEndPoint Remote { get; }

    internal Socket Socket => _link.Socket;

    /// <summary>How many messages were answered here. The pool's to count.</summary>
    internal int Exchanges { get; set; }

    /// <summary>When it was put to rest or retired, on the monotonic clock. The pool's to use.</summary>
    internal long RestingSince { get; set; }

    /// <summary>Whether somebody waits, or has waited, for an answer here.</summary>
    internal bool WasClaimed { get; private set; }

    /// <summary>Whether a message may still be answered here.</summary>
    internal bool IsInUse
    {
        get
        {
            lock (_lock)
            {
                return _claims > 0 || !_open.AreAllSettled;
            }
        }
    }

    /// <inheritdoc cref="OpenMessages.HasUnmatchedReplies"/>
    internal bool HasUnmatchedReplies
    {
        get
        {
            lock (_lock)
            {
                return _open.HasUnmatchedReplies;
            }
        }
    }

    /// <summary>Whether waiting here is in vain: closed, or shared by so many that no answer can be matched.</summary>
    internal bool IsHopeless
    {
        get
        {
            lock (_lock)
            {
                return _isClosed || _open.IsShared;
            }
        }
    }

    /// <summary>Sends a new message, and keeps it open for its answer.</summary>
    /// <exception cref="SocketException">It could not be sent.</exception>
    internal void Send(UdpSentMessage message)
    {
        lock (_lock)
        {
            if (_options.LocalPort != 0)
            {
                // What is here already answers no message that is still to leave.
                ReadReplies();
            }

            Transmit(message);
            Keep(message);
        }
    }

    /// <summary>Sends new messages from where nobody waits for an answer, with one system call if the system can.</summary>
    /// <param name="messages">What to send.</param>
    /// <param name="offset">The first of them.</param>
    /// <param name="payloads">Room for the payloads; its length is the most that is sent.</param>
    /// <returns>How many were sent, from the first on: at least one.</returns>
    /// <exception cref="SocketException">The first could not be sent.</exception>
    internal int SendMany(IReadOnlyList<UdpSentMessage> messages, int offset, byte[][] payloads)
    {
        int count = Math.Min(messages.Count - offset, payloads.Length);
        for (int i = 0; i < count; i++)
        {
            payloads[i] = messages[offset + i].Bytes;
        }

        lock (_lock)
        {
            int sent = _link.SendMany(payloads, count);
            DateTime now = DateTime.UtcNow;
            for (int i = offset; i < offset + sent; i++)
            {
                messages[i].Attempts = 1;
                messages[i].SentAtUtc = now;
                Keep(messages[i]);
            }

            return sent;
        }
    }

    /// <summary>
    /// Sends a message again: from here if it is the only one open, so that a late answer to an earlier attempt counts too,
    /// else from a socket of its own, where the answer can only be its own.
    /// </summary>
    /// <returns>The conversation that its answer now comes to, claimed.</returns>
    /// <exception cref="SocketException">It could not be sent.</exception>
    internal Conversation Resend(UdpSentMessage message)
    {
        lock (_lock)
        {
            if (_open.IsAlone(message) || _options.LocalPort != 0)
            {
                bool wasRefused = message.NetworkReport is not null;
                Transmit(message);
                message.AnswerableAttempts = wasRefused ? 1 : message.AnswerableAttempts + 1;
                return this;
            }
        }

        var own = new Conversation(Remote, _options, _pool);
        try
        {
            own.Send(message);
        }
        catch
        {
            own.Dispose();
            throw;
        }

        own.TryClaim(message);
        Unclaim();
        return own;
    }

    /// <summary>Somebody wants to wait here for a message's answer.</summary>
    /// <returns>False when the message was settled, or moved to another socket, meanwhile.</returns>
    internal bool TryClaim(UdpSentMessage message)
    {
        lock (_lock)
        {
            if (!ReferenceEquals(message.Channel, this))
            {
                return false;
            }

            _claims++;
            WasClaimed = true;
            CountAsUnclaimed(false);
            return true;
        }
    }

    /// <summary>Somebody gave up waiting here; the messages stay open.</summary>
    internal void Unclaim()
    {
        lock (_lock)
        {
            CountAsUnclaimed(!_isClosed);
        }

        EndClaim(roundTrip: null);
    }

    /// <summary>Nobody waits for a message's answer any longer: it is settled.</summary>
    internal void Release(UdpSentMessage message)
    {
        lock (_lock)
        {
            message.Channel = null;
            _open.Remove(message);
        }

        bool isClean = message is { Attempts: 1, Reply: not null };
        EndClaim(isClean ? message.Reply!.Timestamp - message.LastSentTimestamp : null);
    }

    /// <inheritdoc cref="OpenMessages.HasStrayReply"/>
    internal bool LookForStrayReply()
    {
        lock (_lock)
        {
            ReadReplies();
            return _open.HasStrayReply;
        }
    }

    /// <summary>Takes in what has come, without waiting, and matches it.</summary>
    internal void ReadReplies() => ReadReplies(Stopwatch.GetTimestamp());

    /// <summary>Takes in what has come during a wait, and matches it.</summary>
    /// <param name="waitedSince">When the wait began: had something been there then, it would not have been one.</param>
    /// <param name="silentUntil">When a look at many sockets, this one among them, last found nothing here.</param>
    internal void ReadReplies(long waitedSince, long silentUntil = 0)
    {
        lock (_lock)
        {
            _timing.NoteSilence(silentUntil);
            int taken = 0;
            do
            {
                if (_isClosed || !_link.TryReceive(out Datagram datagram))
                {
                    _timing.NoteSilence(Stopwatch.GetTimestamp());
                    return;
                }

                long timestamp = _timing.Find(_link, waitedSince, out bool isTimed);
                _open.Match(new UdpReply(datagram.Payload, datagram.Remote, DateTime.UtcNow, timestamp, isTimed));
            }
            while (_open.AwaitsMore && ++taken < MaximumRepliesPerLook);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_isClosed)
            {
                return;
            }

            _isClosed = true;
            CountAsUnclaimed(false);
            _link.Dispose();
        }

        GC.SuppressFinalize(this);
    }

    private void Keep(UdpSentMessage message)
    {
        message.LocalPort = _link.LocalPort;
        message.LocalIPAddress = _link.LocalAddress;
        message.Channel = this;
        message.AnswerableAttempts = 1;
        _open.Add(message);
    }

    private void Transmit(UdpSentMessage message)
    {
        message.LastSentTimestamp = Stopwatch.GetTimestamp();
        _timing.NoteSilence(message.LastSentTimestamp);
        _link.Send(message.Bytes);
        message.NetworkReport = null;
        if (message.Attempts++ == 0)
        {
            message.SentAtUtc = DateTime.UtcNow;
        }
    }

    // One that is waited at does not need the garbage collector to be closed.
    private void CountAsUnclaimed(bool isUnclaimed)
    {
        if (_isUnclaimed == isUnclaimed)
        {
            return;
        }

        _isUnclaimed = isUnclaimed;
        if (isUnclaimed)
        {
            OpenSockets.Add();
        }
        else
        {
            OpenSockets.Remove();
        }
    }

    private void EndClaim(long? roundTrip)
    {
        bool isDone;
        bool isClean;
        lock (_lock)
        {
            _claims--;
            isDone = _claims == 0 && _open.AreAllSettled;
            isClean = !_open.IsDoubtful && !_isClosed;
        }

        if (isDone)
        {
            _pool.TakeBack(this, isClean ? roundTrip : null);
        }
    }
}
