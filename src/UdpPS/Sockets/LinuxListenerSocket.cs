using System;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace UdpPS.Sockets;

/// <summary>
/// A listening socket that moves many datagrams with one system call, and knows for each the address it came to: so an
/// ack leaves from where its message was sent to.
/// </summary>
internal sealed unsafe class LinuxListenerSocket : IListenerSocket
{
    // What goes through every network in one piece (RFC 8085 section 3.2): no segmentation batch fails for a datagram that is too
    // long.
    private const int MaximumSegment = 1232;
    private const int MaximumSegmentedBytes = 60_000;

    private readonly Socket _socket;
    private readonly AddressFamily _family;
    private readonly LinuxBatch _receiving = new(DatagramSize.Maximum);
    private readonly LinuxBatch _sending = new(DatagramSize.Maximum);
    private readonly LinuxAddresses _addresses = new();
    private readonly object _receiveGate = new();
    private readonly object _sendGate = new();
    private readonly int[] _segmentCounts = new int[LinuxBatch.Length];
    private bool _maySegment = true;
    private volatile bool _isEnding;
    private volatile bool _isClosed;

    /// <param name="socket">Bound, with packet information where it needs it. Owned from here on.</param>
    internal LinuxListenerSocket(Socket socket)
    {
        _socket = socket;
        _family = socket.AddressFamily;
        LocalEndPoint = (IPEndPoint)socket.LocalEndPoint!;
    }

    public IPEndPoint LocalEndPoint { get; }

    public int BatchLength => LinuxBatch.Length;

    public long DroppedBySystem
    {
        get
        {
            lock (_sendGate)
            {
                ThrowIfClosed();
                return UnixSocketOptions.GetDropCount(_socket);
            }
        }
    }

    public bool IsFilling
    {
        get
        {
            // Not the receiving gate: somebody may be waiting inside.
            lock (_sendGate)
            {
                ThrowIfClosed();
                return UnixSocketOptions.IsFilling(_socket) == true;
            }
        }
    }

    public int Receive(Datagram[] into, int timeoutMilliseconds)
    {
        lock (_receiveGate)
        {
            ThrowIfClosed();
            bool isEndless = timeoutMilliseconds == int.MaxValue && !_isEnding;
            int count = ReceiveMany(into, isEndless ? LinuxMessages.MsgWaitForOne : LinuxMessages.MsgDontWait);
            return count == 0 && timeoutMilliseconds > 0 && !isEndless && WaitUntilReadable(timeoutMilliseconds)
                ? ReceiveMany(into, LinuxMessages.MsgDontWait)
                : count;
        }
    }

    public int Send(Datagram[] datagrams, int offset, int count)
    {
        lock (_sendGate)
        {
            ThrowIfClosed();
            int batch = Math.Min(count, LinuxBatch.Length);
            int sent = SendSegmented(datagrams, offset, batch, _maySegment);
            if (sent < 0 && _segmentCounts[0] > 1 && !HasNoRoom(Marshal.GetLastWin32Error()))
            {
                // Perhaps it is only the segmentation batch that this kernel, or the way to this peer, has no use for.
                sent = SendSegmented(datagrams, offset, batch, maySegment: false);
                _maySegment = sent < 0;
            }

            return sent >= 0 ? sent : throw LinuxErrors.ToException(Marshal.GetLastWin32Error());
        }
    }

    private static bool HasNoRoom(int error) => error is LinuxMessages.ErrorTryAgain or LinuxCalls.ErrorNoBuffers;

    // Datagrams are counted, not segmentation batches (UDP_SEGMENT, udp(7)); negative for an error.
    private int SendSegmented(Datagram[] datagrams, int offset, int count, bool maySegment)
    {
        int messages = 0;
        for (int i = 0; i < count && (i == 0 || !IsTooLong(in datagrams[offset + i])); messages++)
        {
            int segments = maySegment ? SegmentCount(datagrams, offset + i, count - i) : 1;
            _sending.Write(messages, datagrams, offset + i, segments, _family);
            _segmentCounts[messages] = segments;
            i += segments;
        }

        int sentMessages;
        do
        {
            sentMessages = LinuxMessages.SendMany(_socket.Handle, _sending.Messages, (uint)messages, LinuxMessages.MsgDontWait);
        }
        while (sentMessages < 0 && Marshal.GetLastWin32Error() == LinuxMessages.ErrorInterrupted);

        int sent = Math.Min(sentMessages, 0);
        for (int i = 0; i < sentMessages; i++)
        {
            sent += _segmentCounts[i];
        }

        return sent;
    }

    // The system never sees it, so it cannot stop before it.
    private static bool IsTooLong(in Datagram datagram) => datagram.Payload.Length > DatagramSize.Maximum;

    // How many datagrams from here on go to the same peer, from the same address, at the same length.
    private static int SegmentCount(Datagram[] datagrams, int offset, int count)
    {
        Datagram first = datagrams[offset];
        int length = first.Payload.Length;
        if (length is 0 or > MaximumSegment)
        {
            return 1;
        }

        int most = Math.Min(count, MaximumSegmentedBytes / length);
        int segments = 1;
        while (segments < most && CanCoalesce(in first, in datagrams[offset + segments]))
        {
            segments++;
        }

        return segments;
    }

    private static bool CanCoalesce(in Datagram one, in Datagram other) =>
        ReferenceEquals(one.Remote, other.Remote)
        && ReferenceEquals(one.Local, other.Local)
        && one.Payload.Length == other.Payload.Length;

    public void EndWaits()
    {
        lock (_sendGate)
        {
            if (!_isClosed)
            {
                _isEnding = true;
                _ = LinuxMessages.Shutdown(_socket.Handle, LinuxMessages.ShutdownReceiving);
            }
        }
    }

    // The system calls do not hold the descriptor open as .NET's own do: it is closed between two of them, never during one.
    public void Dispose()
    {
        EndWaits();
        lock (_sendGate)
        {
            lock (_receiveGate)
            {
                if (!_isClosed)
                {
                    _isClosed = true;
                    _socket.Dispose();
                    _receiving.Dispose();
                    _sending.Dispose();
                }
            }
        }
    }

    // Ended too by the end of all waits.
    private bool WaitUntilReadable(int timeoutMilliseconds)
    {
        var entry = new LinuxCalls.PollEntry { Socket = (int)_socket.Handle, Events = LinuxCalls.Readable };
        return !_isEnding && LinuxCalls.Poll(&entry, (UIntPtr)1, timeoutMilliseconds) > 0;
    }

    private int ReceiveMany(Datagram[] into, int flags)
    {
        int capacity = Math.Min(into.Length, LinuxBatch.Length);
        _receiving.PrepareToReceive(capacity);
        int received = LinuxMessages.ReceiveMany(_socket.Handle, _receiving.Messages, (uint)capacity, flags, null);
        if (received < 0)
        {
            int error = Marshal.GetLastWin32Error();
            return error is LinuxMessages.ErrorTryAgain or LinuxMessages.ErrorInterrupted ? 0 : throw LinuxErrors.ToException(error);
        }

        int count = 0;
        for (int i = 0; i < received; i++)
        {
            // A wait that is ended looks like a datagram from nobody.
            if (_receiving.HasPeer(i))
            {
                into[count++] = _receiving.Read(i, _addresses);
            }
        }

        return count;
    }

    private void ThrowIfClosed()
    {
        if (_isClosed)
        {
            throw new ObjectDisposedException(nameof(LinuxListenerSocket));
        }
    }
}
