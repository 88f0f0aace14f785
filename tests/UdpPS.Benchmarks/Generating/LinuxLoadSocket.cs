using System;
using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using UdpPS.Sockets;

namespace UdpPS.Benchmarks.Generating;

/// <summary>Moves up to 64 messages or acks with one system call.</summary>
internal sealed unsafe class LinuxLoadSocket : ILoadSocket
{
    private const int WaitForOne = 0x10000; // MSG_WAITFORONE
    private const int BufferBytes = 4 << 20;
    private const int LongestAck = 128;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly NativeBatch _messages = new(Payload.Length);
    private readonly NativeBatch _acks = new(LongestAck);
    private readonly SourceAddresses? _sources;
    private readonly IntPtr _handle;

    /// <param name="port">Of the server, on loopback.</param>
    /// <param name="senders">0 is one plain connected socket; 1 and more are that many addresses.</param>
    internal LinuxLoadSocket(int port, int senders)
    {
        _socket.ReceiveTimeout = Acks.TimeoutMilliseconds;
        UnixSocketOptions.TryForceReceiveBuffer(_socket, BufferBytes);
        if (senders == 0)
        {
            _socket.Connect(IPAddress.Loopback, port);
        }
        else
        {
            _socket.Bind(new IPEndPoint(IPAddress.Any, 0));
            _sources = new SourceAddresses(_messages, port, senders);
        }

        _handle = _socket.Handle;
        for (int i = 0; i < NativeBatch.Length; i++)
        {
            _messages.Payload(i).Fill((byte)'x');
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Send(long firstNumber, int count)
    {
        int batch = Math.Min(count, NativeBatch.Length);
        for (int i = 0; i < batch; i++)
        {
            Payload.Write(_messages.Payload(i), firstNumber + i);
            _sources?.Write(i, firstNumber + i);
        }

        int sent;
        do
        {
            sent = LinuxMessages.SendMany(_handle, _messages.Messages, (uint)batch, 0);
        }
        while (sent < 0 && WasInterrupted());

        return sent > 0 ? sent : throw Failure("sendmmsg");
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Receive()
    {
        int count;
        do
        {
            count = LinuxMessages.ReceiveMany(_handle, _acks.Messages, NativeBatch.Length, WaitForOne, null);
        }
        while (count < 0 && WasInterrupted());

        if (count < 0)
        {
            throw Failure("recvmmsg");
        }

        for (int i = 0; i < count; i++)
        {
            Acks.Check(_acks.Received(i));
        }

        return count;
    }

    public bool HasMore() =>
        LinuxMessages.ReceiveMany(_handle, _acks.Messages, NativeBatch.Length, LinuxMessages.MsgDontWait, null) > 0;

    public void Dispose()
    {
        _socket.Dispose();
        _sources?.Dispose();
        _messages.Dispose();
        _acks.Dispose();
    }

    private static bool WasInterrupted() => Marshal.GetLastPInvokeError() == LinuxMessages.ErrorInterrupted;

    private static LoadFailedException Failure(string call) =>
        new($"{call}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
}
