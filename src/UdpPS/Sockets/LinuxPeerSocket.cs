using System;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace UdpPS.Sockets;

/// <summary>
/// A connected sending socket that calls the system itself: one call to send, one to look for an answer, and one to send
/// many.
/// </summary>
/// <remarks>Its user sees to it that no call is under way when it is closed: the calls do not hold the descriptor open.</remarks>
internal sealed unsafe class LinuxPeerSocket : IPeerSocket
{
    private const int MaximumBatch = 64;
    private const int MaximumBatchBytes = 64 * 1024;

    [ThreadStatic]
    private static byte[]? t_batch;

    private readonly IPEndPoint _peer;
    private readonly ArrivalClock _clock;
    private readonly int _descriptor;
    private bool _isClosed;

    /// <param name="socket">Connected. Owned from here on.</param>
    /// <param name="peer">What it is connected to.</param>
    internal LinuxPeerSocket(Socket socket, IPEndPoint peer)
    {
        Socket = socket;
        _peer = peer;
        _descriptor = (int)socket.Handle;
        var local = (IPEndPoint)socket.LocalEndPoint!;
        LocalPort = local.Port;
        LocalAddress = local.Address;
        _clock = new ArrivalClock(socket);
    }

    public Socket Socket { get; }

    public int LocalPort { get; }

    public IPAddress LocalAddress { get; }

    public void Send(byte[] payload)
    {
        ThrowIfClosed();
        fixed (byte* start = payload)
        {
            while (LinuxPeerCalls.Send(_descriptor, start, (UIntPtr)payload.Length, 0) == (IntPtr)(-1))
            {
                ThrowUnlessInterrupted();
            }
        }

        GC.KeepAlive(Socket);
    }

    public int SendMany(byte[][] payloads, int count)
    {
        ThrowIfClosed();
        if (payloads[0].Length > MaximumBatchBytes)
        {
            Send(payloads[0]);
            return 1;
        }

        byte[] batch = t_batch ??= new byte[MaximumBatchBytes];
        LinuxMessages.MultiMessage* messages = stackalloc LinuxMessages.MultiMessage[MaximumBatch];
        LinuxMessages.IoVector* vectors = stackalloc LinuxMessages.IoVector[MaximumBatch];
        fixed (byte* start = batch)
        {
            int used = 0;
            int filled = 0;
            for (; filled < Math.Min(count, MaximumBatch) && payloads[filled].Length <= batch.Length - used; filled++)
            {
                byte[] payload = payloads[filled];
                Buffer.BlockCopy(payload, 0, batch, used, payload.Length);
                vectors[filled] = new LinuxMessages.IoVector { Base = start + used, Length = (UIntPtr)payload.Length };
                messages[filled] = default;
                messages[filled].Header.Vectors = vectors + filled;
                messages[filled].Header.VectorCount = (UIntPtr)1;
                used += payload.Length;
            }

            int sent;
            while ((sent = LinuxMessages.SendMany((IntPtr)_descriptor, messages, (uint)filled, 0)) < 0)
            {
                ThrowUnlessInterrupted();
            }

            GC.KeepAlive(Socket);
            return sent;
        }
    }

    public bool TryReceive(out Datagram datagram)
    {
        ThrowIfClosed();
        byte[] buffer = ReceiveBuffer.OfThread();
        int length;
        fixed (byte* start = buffer)
        {
            length = (int)LinuxPeerCalls.Receive(_descriptor, start, (UIntPtr)buffer.Length, LinuxMessages.MsgDontWait);
        }

        if (length < 0)
        {
            int error = Marshal.GetLastWin32Error();
            datagram = default;
            return error is LinuxMessages.ErrorTryAgain or LinuxMessages.ErrorInterrupted
                ? false
                : throw LinuxErrors.ToException(error);
        }

        GC.KeepAlive(Socket);
        datagram = new Datagram(ReceiveBuffer.Copy(buffer, length), _peer, null);
        return true;
    }

    public long AskArrivalOfLast() => _clock.AskArrivalOfLast();

    public void Dispose()
    {
        _isClosed = true;
        Socket.Dispose();
    }

    private static void ThrowUnlessInterrupted()
    {
        int error = Marshal.GetLastWin32Error();
        if (error != LinuxMessages.ErrorInterrupted)
        {
            throw LinuxErrors.ToException(error);
        }
    }

    private void ThrowIfClosed()
    {
        if (_isClosed)
        {
            throw new ObjectDisposedException(nameof(LinuxPeerSocket));
        }
    }
}
