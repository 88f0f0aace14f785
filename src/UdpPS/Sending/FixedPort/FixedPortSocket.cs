using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using UdpPS.Sockets;

namespace UdpPS.Sending;

/// <summary>One message's share of a <see cref="FixedPort"/>: what was found to be its own. Thread-safe.</summary>
internal sealed class FixedPortSocket : IPeerSocket
{
    // As much as a socket of its own could hold. There each datagram takes some room, however short it is.
    private const int MaximumHeldBytes = 4 * 1024 * 1024;
    private const int LeastBytesOfDatagram = 256;
    private const int MaximumReports = 64;

    private readonly FixedPort _port;
    private readonly Queue<Datagram> _datagrams = new();
    private readonly Queue<IcmpError> _reports = new();
    private bool _holdsEmpty;
    private int _heldBytes;
    private bool _isClosed;

    /// <param name="port">What it is a share of.</param>
    /// <param name="remote">The peer.</param>
    /// <param name="hasManyReceivers">Whether others than the peer may reply.</param>
    internal FixedPortSocket(FixedPort port, IPEndPoint remote, bool hasManyReceivers)
    {
        _port = port;
        Remote = remote;
        HasManyReceivers = hasManyReceivers;
        LocalEndPoint = port.LocalEndPoint;
    }

    public IPEndPoint LocalEndPoint { get; }

    public IPeerSocket Polled => _port.Socket;

    public string? Ambiguity { get; private set; }

    internal IPEndPoint Remote { get; }

    internal bool HasManyReceivers { get; }

    /// <summary>The message's exchange, once it has one.</summary>
    internal Exchange? Exchange { get; set; }

    /// <summary>Whether nobody will take what comes.</summary>
    internal bool IsOneWay { get; set; }

    /// <summary>How long the last datagram was that has left. Its port's to set.</summary>
    internal int LastLength { get; set; }

    /// <summary>Datagrams that have left, and that nothing has come back for. Its port's to count.</summary>
    internal int Unanswered { get; set; }

    public SocketError Send(byte[] payload, IPEndPoint remote)
    {
        ThrowIfClosed();
        return _port.Send(this, payload);
    }

    public int SendMany(byte[][] payloads, int count, IPEndPoint remote, out SocketError error)
    {
        error = Send(payloads[0], remote);
        return error == SocketError.Success ? 1 : 0;
    }

    /// <summary>Takes in what has come to the port, unless another share has done so since.</summary>
    /// <param name="since">On the monotonic clock.</param>
    internal void Look(long since)
    {
        ThrowIfClosed();
        _port.Read(since);
    }

    /// <summary>Gives what <see cref="Look"/> has found.</summary>
    public SocketError Receive(out Datagram datagram)
    {
        ThrowIfClosed();
        lock (_port)
        {
            if (_datagrams.Count == 0)
            {
                datagram = default;
                return SocketError.WouldBlock;
            }

            datagram = _datagrams.Dequeue();
            _holdsEmpty &= datagram.Payload.Length > 0;
            _heldBytes -= RoomOf(datagram);
            return SocketError.Success;
        }
    }

    // Whoever reads for all does not know how long others have not looked.
    public SocketError ReceiveLate(out Datagram datagram, out TimeSpan? age)
    {
        age = null;
        return Receive(out datagram);
    }

    public bool TryTakeIcmpError(out IcmpError error)
    {
        ThrowIfClosed();
        lock (_port)
        {
            bool isThere = _reports.Count > 0;
            error = isThere ? _reports.Dequeue() : null!;
            return isThere;
        }
    }

    public void Dispose()
    {
        if (!_isClosed)
        {
            _isClosed = true;
            _port.Close(this);
        }
    }

    /// <summary>Takes a datagram that can be a reply to no other message. Its port's to call.</summary>
    internal void Add(in Datagram datagram)
    {
        // Of empty ones, which acknowledge nothing, a second one tells no more.
        bool isEmpty = datagram.Payload.Length == 0;
        if (!IsOneWay && _heldBytes + RoomOf(datagram) <= MaximumHeldBytes && !(isEmpty && _holdsEmpty))
        {
            _datagrams.Enqueue(datagram);
            _holdsEmpty |= isEmpty;
            _heldBytes += RoomOf(datagram);
        }
    }

    /// <summary>Takes a report on this message. Its port's to call.</summary>
    internal void Add(IcmpError report)
    {
        if (!IsOneWay && _reports.Count < MaximumReports)
        {
            _reports.Enqueue(report);
        }
    }

    /// <summary>Takes the report on a datagram that could not leave. Its port's to call.</summary>
    internal void Refuse(IcmpError report) => _reports.Enqueue(report);

    /// <summary>A reply came that may be another message's. Its port's to call.</summary>
    internal void NoteAmbiguity() => Ambiguity =
        $"a reply came to port {LocalEndPoint.Port} that may belong to another message from there, which was open or left "
        + "unanswered within two minutes";

    private static int RoomOf(in Datagram datagram) => Math.Max(datagram.Payload.Length, LeastBytesOfDatagram);

    private void ThrowIfClosed()
    {
        if (_isClosed)
        {
            throw new ObjectDisposedException(nameof(FixedPortSocket));
        }
    }
}
