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
    private readonly AddressFamily _family;
    private readonly LinuxBatch _receiving = new(LinuxBatch.MaximumDatagram);
    private readonly LinuxBatch _sending = new(LinuxBatch.MaximumDatagram);
    private readonly LinuxAddresses _addresses = new();
    private readonly object _receiveGate = new();
    private readonly object _sendGate = new();
    private bool _isClosed;

    /// <param name="socket">Bound, with packet information where it needs it. Owned from here on.</param>
    private LinuxDatagramSocket(Socket socket)
    {
        Socket = socket;
        _family = socket.AddressFamily;
        LocalEndPoint = (IPEndPoint)socket.LocalEndPoint!;
    }

    public Socket Socket { get; }

    public IPEndPoint LocalEndPoint { get; }

    public long DroppedBySystem
    {
        get
        {
            lock (_receiveGate)
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
        if (!RuntimeInformation.IsOSPlatform(OSPlatform.Linux) || IntPtr.Size != 8 || !BitConverter.IsLittleEndian)
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
        int count = ReceiveAvailable(into);
        if (count > 0 || timeoutMilliseconds == 0)
        {
            return count;
        }

        return Socket.Poll(timeoutMilliseconds * 1000, SelectMode.SelectRead) ? ReceiveAvailable(into) : 0;
    }

    public int Send(Datagram[] datagrams, int offset, int count)
    {
        lock (_sendGate)
        {
            ThrowIfClosed();
            int batch = Math.Min(count, LinuxBatch.Length);
            for (int i = 0; i < batch; i++)
            {
                _sending.Write(i, datagrams[offset + i], _family);
            }

            int sent;
            do
            {
                sent = LinuxMessages.SendMany(Socket.Handle, _sending.Messages, (uint)batch, 0);
            }
            while (sent < 0 && Marshal.GetLastWin32Error() == LinuxMessages.ErrorInterrupted);

            return sent >= 0 ? sent : throw LinuxErrors.ToException(Marshal.GetLastWin32Error());
        }
    }

    // The system calls do not hold the descriptor open as .NET's own do: it is closed between two of them, never during one.
    public void Dispose()
    {
        lock (_sendGate)
        {
            lock (_receiveGate)
            {
                if (_isClosed)
                {
                    return;
                }

                _isClosed = true;
                Socket.Dispose();
                _receiving.Dispose();
                _sending.Dispose();
            }
        }
    }

    private int ReceiveAvailable(Datagram[] into)
    {
        lock (_receiveGate)
        {
            ThrowIfClosed();
            int capacity = Math.Min(into.Length, LinuxBatch.Length);
            _receiving.PrepareToReceive(capacity);
            int count = LinuxMessages.ReceiveMany(
                Socket.Handle, _receiving.Messages, (uint)capacity, LinuxMessages.MsgDontWait, null);
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
