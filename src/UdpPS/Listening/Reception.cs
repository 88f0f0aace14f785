using System;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using UdpPS.Sockets;

namespace UdpPS.Listening;

/// <summary>
/// Reads datagrams and makes messages of those that may come in. One thread at a time has it: the one that delivers, or
/// <see cref="Attendant"/> in its place.
/// </summary>
internal sealed class Reception
{
    private const int BatchLength = 64;

    // Errors one after the other with nothing received in between: the socket is broken, and retrying would only spin.
    private const int MaximumConsecutiveErrors = 100;

    // Bounds what is read at the end, under a flood.
    private const int MaximumLeft = 65536;

    private readonly object _gate = new();
    private readonly ListenerOptions _options;
    private readonly IDatagramSocket _socket;
    private readonly ListenerCounters _counters;
    private readonly Backlog _backlog;
    private readonly IPAddress _boundAddress;
    private readonly int _boundPort;
    private readonly Datagram[] _batch = new Datagram[BatchLength];
    private int _errors;
    private long _sequence;
    private long _late;
    private int _fullBatches;
    private int _isBusy;

    /// <param name="options">Who and what may come in.</param>
    /// <param name="socket">What is read.</param>
    /// <param name="counters">Where it is counted.</param>
    /// <param name="backlog">What has room for messages, or not.</param>
    internal Reception(ListenerOptions options, IDatagramSocket socket, ListenerCounters counters, Backlog backlog)
    {
        _options = options;
        _socket = socket;
        _counters = counters;
        _backlog = backlog;
        _boundAddress = socket.LocalEndPoint.Address;
        _boundPort = socket.LocalEndPoint.Port;
    }

    /// <summary>The last error of the socket, unless something was received since.</summary>
    internal SocketException? LastError { get; private set; }

    /// <summary>Messages that arrived when no more were wanted.</summary>
    internal long Late => Interlocked.Read(ref _late);

    /// <summary>How many times in a row there was as much as could be read at once: more waits in the socket.</summary>
    internal int FullBatches => Volatile.Read(ref _fullBatches);

    /// <summary>Whether datagrams have come faster than one by one since this was asked last.</summary>
    internal bool TakeIsBusy() => Interlocked.Exchange(ref _isBusy, 0) != 0;

    /// <summary>Takes it, if no other thread has it.</summary>
    internal bool TryEnter() => Monitor.TryEnter(_gate);

    /// <summary>Gives it back.</summary>
    internal void Exit() => Monitor.Exit(_gate);

    /// <summary>
    /// Waits for datagrams, and gives the messages among them. What there is no room for is dropped and counted. For the thread
    /// that has it.
    /// </summary>
    /// <param name="into">Filled from the start.</param>
    /// <param name="maximum">How many datagrams to read at most.</param>
    /// <param name="timeoutMilliseconds">How long to wait for the first datagram.</param>
    /// <exception cref="SocketException">The socket is broken.</exception>
    /// <exception cref="ObjectDisposedException">The socket was closed.</exception>
    internal int Receive(UdpMessage[] into, int maximum, int timeoutMilliseconds) =>
        Receive(into, maximum, timeoutMilliseconds, out _);

    /// <summary>
    /// Gives messages that have arrived, without waiting for more, though datagrams that are not allowed came before them. For
    /// the thread that has it.
    /// </summary>
    /// <inheritdoc cref="Receive(UdpMessage[], int, int)"/>
    internal int ReceiveArrived(UdpMessage[] into, int maximum)
    {
        int count;
        int received;
        int all = 0;
        do
        {
            count = Receive(into, maximum, timeoutMilliseconds: 0, out received);
            all += received;
        }
        while (count == 0 && received > 0 && all < MaximumLeft);
        return count;
    }

    private int Receive(UdpMessage[] into, int maximum, int timeoutMilliseconds, out int received)
    {
        Datagram[] batch = maximum < BatchLength ? new Datagram[maximum] : _batch;
        received = ReceiveOrNote(batch, timeoutMilliseconds);
        Volatile.Write(ref _fullBatches, received == BatchLength ? _fullBatches + 1 : 0);
        if (received == 0)
        {
            return 0;
        }

        if (received > 1)
        {
            Volatile.Write(ref _isBusy, 1);
        }

        DateTime now = DateTime.UtcNow;
        long timestamp = Stopwatch.GetTimestamp();
        int count = 0;
        for (int i = 0; i < received; i++)
        {
            if (IsAllowed(in batch[i]) && Admit(in batch[i], now, timestamp) is { } message)
            {
                into[count++] = message;
            }
        }

        return count;
    }

    /// <summary>Counts messages that were received and that nobody will take.</summary>
    internal void AddLate(int count) => Interlocked.Add(ref _late, count);

    /// <summary>Counts what is left in the socket, which is about to be closed. For the thread that has it.</summary>
    internal void CountLeft()
    {
        int received = 1;
        for (int all = 0; received > 0 && all < MaximumLeft; all += received)
        {
            received = ReceiveOrNote(_batch, timeoutMilliseconds: 0);
            for (int i = 0; i < received; i++)
            {
                AddLate(IsAllowed(in _batch[i]) ? 1 : 0);
            }
        }
    }

    // An ICMP error that some peer caused ends nothing, however many come in a row: each is read once. No peer can cause an aborted
    // connection: the system, or its administrator, has destroyed the socket, and nothing would come to it any more.
    private int ReceiveOrNote(Datagram[] batch, int timeoutMilliseconds)
    {
        try
        {
            int received = _socket.Receive(batch, timeoutMilliseconds);
            _errors = 0;
            LastError = null;
            return received;
        }
        catch (SocketException exception) when (IsIcmpError(exception)
            || (_errors < MaximumConsecutiveErrors && exception.SocketErrorCode != SocketError.ConnectionAborted))
        {
            if (_counters.TryCountError() && !IsIcmpError(exception))
            {
                _errors++;
                LastError = exception;
            }

            return 0;
        }
    }

    // Windows reads them on an unconnected socket too: a closed port, where SIO_UDP_CONNRESET is not known, and a time to live that
    // expired.
    private static bool IsIcmpError(SocketException exception) =>
        exception.SocketErrorCode is SocketError.ConnectionReset or SocketError.NetworkReset;

    private bool IsAllowed(in Datagram datagram)
    {
        if (_options.AllowFrom is not { } allowed || allowed.Contains(datagram.Remote.Address))
        {
            return true;
        }

        _counters.Denied.Increment();
        return false;
    }

    private UdpMessage? Admit(in Datagram datagram, DateTime receivedAt, long timestamp)
    {
        _sequence++;
        if (!_backlog.TryAdd(datagram.Payload.Length))
        {
            _counters.Dropped.Increment();
            return null;
        }

        // Before anybody can have it: so it is never counted as delivered and not as received.
        _counters.Received.Increment();
        return new UdpMessage(
            datagram.Payload,
            datagram.Remote,
            datagram.Local ?? _boundAddress,
            _boundPort,
            _sequence,
            receivedAt,
            timestamp,
            _options.Encoding);
    }
}
