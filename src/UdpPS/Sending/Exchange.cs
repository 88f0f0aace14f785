using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using UdpPS.Sockets;

namespace UdpPS.Sending;

/// <summary>
/// One message's way through the network: its socket, its attempts, its replies, and who waits for them. The socket closes when
/// the message is settled. It knows neither the message nor what that refers to. Thread-safe.
/// </summary>
internal sealed class Exchange
{
    /// <summary>
    /// What one look reads at most: replies may come faster than they are read, and the user's wish to stop is looked at in between.
    /// A socket of Linux's default size holds some hundreds, so all that had come before a look is read.
    /// </summary>
    internal const int MaximumRepliesPerLook = 8192;

    // A reply that is found so soon after the last look, or after the send, has just come.
    private static readonly long PromptTicks = Stopwatch.Frequency / 1000;

    private readonly object _lock = new();
    private readonly Action<IPeerSocket> _close;
    private readonly UnclaimedExchanges _unclaimed;
    private readonly List<Reply> _replies = new(1);
    private readonly bool _mayFragment;
    private HashSet<IPEndPoint>? _responders;
    private bool _isFragmented;
    private IPeerSocket? _socket;
    private int _claims;
    private bool _takesAll;
    private long _sentTimestamp;

    // Nothing was there to read at this time.
    private long _silentUntil;

    // How many of the attempts a reply that comes now could belong to.
    private int _answerableAttempts;

    /// <param name="remote">The peer.</param>
    /// <param name="socket">Where the message leaves from, and its replies come to.</param>
    /// <param name="options">How that is set up.</param>
    /// <param name="close">Closes the socket.</param>
    /// <param name="unclaimed">Keeps the exchange while nobody waits for its ack.</param>
    internal Exchange(
        IPEndPoint remote, IPeerSocket socket, SendOptions options, Action<IPeerSocket> close, UnclaimedExchanges unclaimed)
    {
        Remote = remote;
        _socket = socket;
        _mayFragment = !options.DontFragment;
        _close = close;
        _unclaimed = unclaimed;
        LocalPort = socket.LocalEndPoint.Port;
        LocalAddress = socket.LocalEndPoint.Address.IsWildcard() ? null : socket.LocalEndPoint.Address;
        IsShared = !ReferenceEquals(socket, socket.Polled);
        Place = new LinkedListNode<Exchange>(this);
    }

    internal IPEndPoint Remote { get; }

    /// <summary>The address it leaves from; null where the system chooses one for each datagram.</summary>
    internal IPAddress? LocalAddress { get; }

    internal int LocalPort { get; }

    /// <summary>How often it was sent.</summary>
    internal int Attempts { get; private set; }

    /// <summary>When it was sent first.</summary>
    internal DateTime SentAtUtc { get; private set; }

    /// <summary>What the network reported of the last attempt, if anything.</summary>
    internal IcmpError? Report { get; set; }

    /// <summary>Why what came back is no ack, or may be another message's; null where nothing like that came.</summary>
    internal string? Doubt { get; private set; }

    /// <summary>Whether a reply came that may be another message's.</summary>
    internal bool IsAmbiguous { get; private set; }

    /// <summary>Why its socket was closed before anybody asked for its ack; null where that did not happen.</summary>
    internal string? ExpiryReason { get; private set; }

    /// <summary>Its place among the unclaimed, and since when. Theirs to use.</summary>
    internal LinkedListNode<Exchange> Place { get; }

    /// <inheritdoc cref="Place"/>
    internal long UnclaimedSince { get; set; }

    /// <summary>How many replies have come.</summary>
    internal int ReplyCount
    {
        get
        {
            lock (_lock)
            {
                return _replies.Count;
            }
        }
    }

    /// <summary>Whether nothing more can come: it is settled, or has expired.</summary>
    internal bool IsClosed => _socket is null;

    /// <summary>Whether a look costs no more than a poll, which may miss what another thread has read.</summary>
    internal bool IsShared { get; }

    /// <summary>Whether the datagram was too long for the path, and can be sent again at once: the system now fragments it.</summary>
    internal bool IsToBeFragmented =>
        _mayFragment && !_isFragmented && Report is { Kind: IcmpErrorKind.TooBig } && Remote.AddressFamily == AddressFamily.InterNetworkV6;

    internal Reply this[int index]
    {
        get
        {
            lock (_lock)
            {
                return _replies[index];
            }
        }
    }

    /// <summary>Sends the message for the first time, or once more.</summary>
    /// <param name="payload">The same each time.</param>
    /// <exception cref="SocketException">It could not be sent. A <see cref="PathMtuException"/> says what the path takes.</exception>
    internal void Send(byte[] payload)
    {
        lock (_lock)
        {
            if (_socket is null)
            {
                throw new SocketException((int)SocketError.NotConnected);
            }

            if (Attempts == 0)
            {
                DiscardEarly(_socket);
            }

            _isFragmented |= IsToBeFragmented;
            long timestamp = Stopwatch.GetTimestamp();
            SocketError error = _socket.Send(payload, Remote);
            if (error != SocketError.Success && TakeReports(_socket))
            {
                // It was the report on an earlier datagram that was told, and nothing was sent.
                timestamp = Stopwatch.GetTimestamp();
                error = _socket.Send(payload, Remote);
            }

            if (error != SocketError.Success)
            {
                TakeReports(_socket);
                throw error == SocketError.MessageSize && Report is { PathMtu: > 0 } report
                    ? new PathMtuException(report.PathMtu)
                    : new SocketException((int)error);
            }

            _sentTimestamp = timestamp;
            _silentUntil = timestamp;
            _answerableAttempts++;
            Report = null;
            if (Attempts++ == 0)
            {
                SentAtUtc = DateTime.UtcNow;
            }
        }
    }

    /// <summary>Keeps it for whoever asks for its ack later.</summary>
    internal void Keep() => _unclaimed.Add(this);

    /// <summary>Somebody wants to wait for its ack.</summary>
    /// <param name="takesAll">Whether every reply counts, one of each responder, and not the first alone.</param>
    /// <returns>False where nothing more can come.</returns>
    internal bool TryClaim(bool takesAll)
    {
        _unclaimed.Remove(this);
        lock (_lock)
        {
            if (_socket is null)
            {
                return false;
            }

            _claims++;
            _takesAll |= takesAll;
            return true;
        }
    }

    /// <summary>Somebody gave up waiting, and the message is not settled.</summary>
    internal void Unclaim()
    {
        bool isUnclaimed;
        lock (_lock)
        {
            isUnclaimed = --_claims == 0 && _socket is not null;
        }

        if (isUnclaimed)
        {
            Keep();
        }
    }

    /// <summary>The message is settled, or was never sent: nothing more is taken.</summary>
    internal void Close()
    {
        lock (_lock)
        {
            if (_socket is { } socket)
            {
                _socket = null;
                _close(socket);
            }
        }
    }

    /// <summary>Nobody has asked for its ack, and its socket is needed: what has come by now is read, and no more.</summary>
    /// <param name="reason">Why, in words.</param>
    internal void Expire(string reason)
    {
        lock (_lock)
        {
            if (_claims > 0 || _socket is null)
            {
                return;
            }

            Read(Stopwatch.GetTimestamp());
            ExpiryReason = _replies.Count > 0 || Report is not null ? null : reason;
            Close();
        }
    }

    /// <summary>
    /// Reads now if the last look was more than a millisecond ago: an older reply must not be timed as one that has just come.
    /// </summary>
    internal void ReadIfOverdue()
    {
        long now = Stopwatch.GetTimestamp();
        if (IsOverdue(now))
        {
            Read(now);
        }
    }

    /// <summary>Nothing was there to read at that time, on the monotonic clock.</summary>
    internal void NoteSilence(long timestamp) => _silentUntil = timestamp;

    /// <summary>Adds the socket to a wait.</summary>
    /// <returns>False where nothing more can come.</returns>
    internal bool TryAddTo(IPoller poller)
    {
        lock (_lock)
        {
            if (_socket is null)
            {
                return false;
            }

            poller.Add(_socket);
            return true;
        }
    }

    /// <summary>Takes in what has come, without waiting.</summary>
    /// <param name="waitedSince">When the wait for it began, on the monotonic clock: nothing was there then.</param>
    internal void Read(long waitedSince)
    {
        lock (_lock)
        {
            bool hasCome = false;
            bool isOverdue = IsOverdue(waitedSince);
            (_socket as FixedPortSocket)?.Look(waitedSince);
            for (int i = 0; i < MaximumRepliesPerLook && _socket is not null && (_takesAll || _replies.Count == 0); i++)
            {
                TimeSpan? age = TimeSpan.Zero;
                SocketError error = isOverdue
                    ? _socket.ReceiveLate(out Datagram datagram, out age)
                    : _socket.Receive(out datagram);
                if (error == SocketError.Success)
                {
                    hasCome = true;
                    Accept(datagram, _socket.LocalEndPoint, age);
                }
                else if (error == SocketError.WouldBlock)
                {
                    // What ended the wait may be a report.
                    _ = !hasCome && TakeReports(_socket);
                    break;
                }
                else if (!TakeReports(_socket))
                {
                    Report = IcmpError.From(error);
                    break;
                }
            }

            if (_socket?.Ambiguity is { } ambiguity)
            {
                IsAmbiguous = true;
                Doubt = ambiguity;
            }

            _silentUntil = Stopwatch.GetTimestamp();
        }
    }

    // Between the bind and the connect a stranger's datagram may have come, and until now one to the message that had the port
    // before.
    private static void DiscardEarly(IPeerSocket socket)
    {
        for (int i = 0; i < MaximumRepliesPerLook && socket.Receive(out _) == SocketError.Success; i++)
        {
        }
    }

    private static bool IsOwn(IPEndPoint from, IPEndPoint local) =>
        from.Port == local.Port
        && (from.Address.Equals(local.Address)
            || (local.Address.IsWildcard() && LocalAddresses.OfMachine.Contains(from.Address)));

    private void Accept(Datagram datagram, IPEndPoint local, TimeSpan? age)
    {
        if (IsOwn(datagram.Remote, local))
        {
            Doubt = "the message itself came back, which acknowledges nothing";
        }
        else if (datagram.Payload.Length == 0)
        {
            Doubt = $"an empty datagram came from {datagram.Remote}, which acknowledges nothing";
        }
        else if (!_takesAll || (_responders ??= new HashSet<IPEndPoint>()).Add(datagram.Remote))
        {
            TimeSpan sinceThen = age ?? TimeSpan.Zero;
            double milliseconds = ((Stopwatch.GetTimestamp() - _sentTimestamp) * 1000.0 / Stopwatch.Frequency) - sinceThen.TotalMilliseconds;

            // The age is by the wall clock. If that was set meanwhile, the reply may seem older than the message.
            bool isTimed = _answerableAttempts == 1 && age is not null && milliseconds >= 0;
            _replies.Add(new Reply(
                datagram.Payload, datagram.Remote, DateTime.UtcNow - sinceThen, isTimed ? milliseconds : null));
        }
    }

    private bool IsOverdue(long now) => now - _silentUntil >= PromptTicks;

    private bool TakeReports(IPeerSocket socket)
    {
        bool hasAny = false;
        while (socket.TryTakeIcmpError(out IcmpError report))
        {
            Report = report;
            hasAny = true;

            // That attempt has not arrived. What the system itself has no room for has not left, and is no attempt.
            bool hasNotArrived = report is { Kind: IcmpErrorKind.PortUnreachable } or { Kind: IcmpErrorKind.TooBig, Reporter: not null };
            if (hasNotArrived && _answerableAttempts > 0)
            {
                _answerableAttempts--;
            }
        }

        return hasAny;
    }
}
