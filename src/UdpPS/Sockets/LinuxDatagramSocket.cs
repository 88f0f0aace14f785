using System;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace UdpPS.Sockets;

/// <summary>
/// A listening socket that moves many datagrams with one system call, and knows for each the address it came to: so an
/// answer leaves from where the question was asked.
/// </summary>
internal sealed unsafe class LinuxDatagramSocket : IDatagramSocket
{
    // What goes through every network in one piece (RFC 8085 section 3.2): no train fails for a datagram that is too long.
    private const int MaximumInTrain = 1232;
    private const int MaximumTrain = 60_000;

    private readonly AddressFamily _family;
    private readonly LinuxBatch _receiving = new(DatagramSize.Maximum);
    private readonly LinuxBatch _sending = new(DatagramSize.Maximum);
    private readonly LinuxAddresses _addresses = new();
    private readonly object _receiveGate = new();
    private readonly object _sendGate = new();
    private readonly int[] _trainLengths = new int[LinuxBatch.Length];
    private bool _mayFormTrains = true;
    private volatile bool _isClosed;

    /// <param name="socket">Bound, with packet information where it needs it. Owned from here on.</param>
    private LinuxDatagramSocket(Socket socket)
    {
        Socket = socket;
        _family = socket.AddressFamily;
        LocalEndPoint = (IPEndPoint)socket.LocalEndPoint!;
        socket.ReceiveTimeout = SocketWait.LongestMilliseconds;
    }

    public Socket Socket { get; }

    public IPEndPoint LocalEndPoint { get; }

    public bool SendsInBatches => true;

    public long DroppedBySystem
    {
        get
        {
            // Not the receiving gate: somebody may be waiting inside.
            lock (_sendGate)
            {
                ThrowIfClosed();
                return UnixSocketOptions.GetDropCount(Socket);
            }
        }
    }

    /// <summary>Makes a bound socket into one of these.</summary>
    /// <returns>Null when this system has not got what it takes; the socket is untouched then.</returns>
    internal static LinuxDatagramSocket? TryCreate(Socket socket)
    {
        if (!LinuxMessages.HasLayout)
        {
            return null;
        }

        try
        {
            // Takes nothing and sends nothing: it only shows whether the calls are there.
            bool isThere = LinuxMessages.ReceiveMany(socket.Handle, null, 0, LinuxMessages.MsgDontWait, null) >= 0
                || Marshal.GetLastWin32Error() != LinuxMessages.ErrorNotImplemented;
            return isThere ? new LinuxDatagramSocket(socket) : null;
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            return null;
        }
    }

    public int Receive(Datagram[] into, int timeoutMilliseconds)
    {
        // One call then waits and receives; shorter waits take two.
        if (timeoutMilliseconds >= SocketWait.LongestMilliseconds)
        {
            return ReceiveMany(into, LinuxMessages.MsgWaitForOne);
        }

        int count = ReceiveMany(into, LinuxMessages.MsgDontWait);
        if (count > 0 || timeoutMilliseconds == 0)
        {
            return count;
        }

        return Socket.Poll(timeoutMilliseconds * 1000, SelectMode.SelectRead)
            ? ReceiveMany(into, LinuxMessages.MsgDontWait)
            : 0;
    }

    public int Send(Datagram[] datagrams, int offset, int count)
    {
        lock (_sendGate)
        {
            ThrowIfClosed();
            int batch = Math.Min(count, LinuxBatch.Length);
            int sent = SendTrains(datagrams, offset, batch, _mayFormTrains);
            if (sent < 0 && _trainLengths[0] > 1)
            {
                // Perhaps it is only the train that this kernel, or the way to this peer, has no use for.
                sent = SendTrains(datagrams, offset, batch, mayFormTrains: false);
                _mayFormTrains = sent < 0;
            }

            return sent >= 0 ? sent : throw LinuxErrors.ToException(Marshal.GetLastWin32Error());
        }
    }

    // Datagrams, not trains, are counted; negative for an error.
    private int SendTrains(Datagram[] datagrams, int offset, int count, bool mayFormTrains)
    {
        int trains = 0;
        for (int i = 0; i < count && (i == 0 || !IsTooLong(in datagrams[offset + i])); trains++)
        {
            int length = mayFormTrains ? TrainLength(datagrams, offset + i, count - i) : 1;
            _sending.Write(trains, datagrams, offset + i, length, _family);
            _trainLengths[trains] = length;
            i += length;
        }

        int sentTrains;
        do
        {
            sentTrains = LinuxMessages.SendMany(Socket.Handle, _sending.Messages, (uint)trains, LinuxMessages.MsgDontWait);
        }
        while (sentTrains < 0 && Marshal.GetLastWin32Error() == LinuxMessages.ErrorInterrupted);

        int sent = Math.Min(sentTrains, 0);
        for (int i = 0; i < sentTrains; i++)
        {
            sent += _trainLengths[i];
        }

        return sent;
    }

    // The system never sees it, so it cannot stop before it.
    private static bool IsTooLong(in Datagram datagram) => datagram.Payload.Length > DatagramSize.Maximum;

    // How many datagrams from here on go to the same peer, from the same address, at the same length.
    private static int TrainLength(Datagram[] datagrams, int offset, int count)
    {
        Datagram first = datagrams[offset];
        int length = first.Payload.Length;
        if (length is 0 or > MaximumInTrain)
        {
            return 1;
        }

        int most = Math.Min(count, MaximumTrain / length);
        int train = 1;
        while (train < most && IsAlike(in first, in datagrams[offset + train]))
        {
            train++;
        }

        return train;
    }

    private static bool IsAlike(in Datagram one, in Datagram other) =>
        ReferenceEquals(one.Remote, other.Remote)
        && ReferenceEquals(one.Local, other.Local)
        && one.Payload.Length == other.Payload.Length;

    // The system calls do not hold the descriptor open as .NET's own do: it is closed between two of them, never during one.
    public void Dispose()
    {
        lock (_sendGate)
        {
            if (_isClosed)
            {
                return;
            }

            // Whoever waits inside the gate comes out.
            _isClosed = true;
            _ = LinuxMessages.Shutdown(Socket.Handle, LinuxMessages.ShutdownReceiving);
            lock (_receiveGate)
            {
                Socket.Dispose();
                _receiving.Dispose();
                _sending.Dispose();
            }
        }
    }

    private int ReceiveMany(Datagram[] into, int flags)
    {
        lock (_receiveGate)
        {
            ThrowIfClosed();
            int capacity = Math.Min(into.Length, LinuxBatch.Length);
            _receiving.PrepareToReceive(capacity);
            int count = LinuxMessages.ReceiveMany(
                Socket.Handle, _receiving.Messages, (uint)capacity, flags, null);
            ThrowIfClosed();
            if (count < 0)
            {
                int error = Marshal.GetLastWin32Error();
                return error is LinuxMessages.ErrorTryAgain or LinuxMessages.ErrorInterrupted
                    ? 0
                    : throw LinuxErrors.ToException(error);
            }

            for (int i = 0; i < count; i++)
            {
                into[i] = _receiving.Read(i, _addresses);
            }

            return count;
        }
    }

    private void ThrowIfClosed()
    {
        if (_isClosed)
        {
            throw new ObjectDisposedException(nameof(LinuxDatagramSocket));
        }
    }
}
