using System;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using UdpPS.Sockets;

namespace UdpPS.Sending;

/// <summary>One socket to one peer, and the messages whose answer may still come to it. For any thread.</summary>
internal sealed class Conversation : IReplyChannel, IDisposable
{
    // A report on an earlier message surfaces when the next one is sent, which has then not left yet.
    private const int MaximumReports = 3;

    // An answer found after a longer time without a look tells when it was found, not when it came.
    private static readonly long WatchGapTicks = Stopwatch.Frequency / 1000;

    private readonly object _lock = new();
    private readonly IDatagramSocket _socket;
    private readonly SendOptions _options;
    private readonly IPEndPoint? _sendTo;
    private readonly OpenMessages _open;
    private readonly Datagram[] _outgoing = new Datagram[1];
    private readonly Datagram[] _incoming = new Datagram[16];
    private readonly ConversationPool _pool;
    private long _nothingUntil;
    private int _claims;
    private bool _isClosed;

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
        _socket = SendingSocket.Open(remote, options);
        _sendTo = SendingSocket.IsAnsweredByMany(remote, options) ? remote : null;
        OpenSockets.Add();
    }

    ~Conversation()
    {
        // Unset when the constructor failed.
        if (_socket is not null)
        {
            OpenSockets.Remove();
        }
    }

    internal IPEndPoint Remote { get; }

    internal Socket Socket => _socket.Socket;

    /// <summary>How many messages were answered here. The pool's to count.</summary>
    internal int Exchanges { get; set; }

    /// <summary>When it was put to rest, on the monotonic clock. The pool's to use.</summary>
    internal long RestingSince { get; set; }

    /// <inheritdoc cref="OpenMessages.HasStrayReply"/>
    internal bool HasStrayReply
    {
        get
        {
            lock (_lock)
            {
                return _open.HasStrayReply;
            }
        }
    }

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
            message.LocalPort = _socket.LocalEndPoint.Port;
            message.Channel = this;
            message.AnswerableAttempts = 1;
            _open.Add(message);
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
            return true;
        }
    }

    /// <summary>Somebody gave up waiting here; the messages stay open.</summary>
    internal void Unclaim() => EndClaim(roundTrip: null);

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

    /// <summary>Takes in what has come, without waiting, and matches it.</summary>
    internal void ReadReplies() => ReadReplies(Stopwatch.GetTimestamp());

    /// <summary>Takes in what has come during a wait, and matches it.</summary>
    /// <param name="waitedSince">When the wait began: had something been there then, it would not have been one.</param>
    internal void ReadReplies(long waitedSince)
    {
        lock (_lock)
        {
            int count;
            do
            {
                count = ReceiveOrNoteReport();
                DateTime now = DateTime.UtcNow;
                long timestamp = Stopwatch.GetTimestamp();
                bool isWatched = waitedSince - _nothingUntil < WatchGapTicks;
                for (int i = 0; i < count; i++)
                {
                    Datagram datagram = _incoming[i];
                    long arrived = datagram.ArrivedAt == 0 ? timestamp : datagram.ArrivedAt;
                    bool isTimed = isWatched || datagram.ArrivedAt != 0;
                    _open.Match(new UdpReply(datagram.Payload, datagram.Remote!, now, arrived, isTimed));
                }
            }
            while (count > 0);
            _nothingUntil = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>A wait has shown that nothing had come yet.</summary>
    internal void NoteSilence()
    {
        lock (_lock)
        {
            _nothingUntil = Stopwatch.GetTimestamp();
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
            _socket.Dispose();
        }

        OpenSockets.Remove();
        GC.SuppressFinalize(this);
    }

    private void Transmit(UdpSentMessage message)
    {
        _outgoing[0] = new Datagram(message.Bytes, _sendTo, null);
        int reports = 0;
        while (true)
        {
            message.LastSentTimestamp = Stopwatch.GetTimestamp();
            _nothingUntil = message.LastSentTimestamp;
            try
            {
                _socket.Send(_outgoing, 0, 1);
                break;
            }
            catch (SocketException exception)
                when (NetworkReports.ConcernsEarlierMessage(exception.SocketErrorCode) && reports < MaximumReports)
            {
                reports++;
                _open.Note(exception.SocketErrorCode);
            }
        }

        message.NetworkReport = null;
        if (message.Attempts++ == 0)
        {
            message.SentAtUtc = DateTime.UtcNow;
        }
    }

    private int ReceiveOrNoteReport()
    {
        // A report stands before the answers that came after it.
        for (int reports = 0; !_isClosed && reports <= MaximumReports; reports++)
        {
            try
            {
                return _socket.Receive(_incoming, timeoutMilliseconds: 0);
            }
            catch (SocketException exception)
            {
                _open.Note(exception.SocketErrorCode);
            }
        }

        return 0;
    }

    private void EndClaim(long? roundTrip)
    {
        bool isDone;
        bool mayRest;
        lock (_lock)
        {
            _claims--;
            isDone = _claims == 0 && _open.AreAllSettled && _options.LocalPort == 0;
            mayRest = roundTrip is not null && !_open.IsDoubtful && !_isClosed;
        }

        if (isDone && mayRest)
        {
            _pool.Rest(this, roundTrip!.Value);
        }
        else if (isDone)
        {
            _pool.Retire(this);
        }
    }
}
