using System;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace UdpPS.Benchmarks.Generating;

/// <summary>One call for each message, where there is no other.</summary>
internal sealed class PortableLoadSocket : ILoadSocket
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly byte[] _message = new byte[Payload.Length];
    private readonly byte[] _ack = new byte[128];

    internal PortableLoadSocket(int port)
    {
        _socket.ReceiveTimeout = Acks.TimeoutMilliseconds;
        _socket.Connect(IPAddress.Loopback, port);
        _message.AsSpan().Fill((byte)'x');
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Send(long firstNumber, int count)
    {
        for (int i = 0; i < count; i++)
        {
            Payload.Write(_message, firstNumber + i);
            _socket.Send(_message);
        }

        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Receive()
    {
        try
        {
            Acks.Check(_ack.AsSpan(0, _socket.Receive(_ack)));
            return 1;
        }
        catch (SocketException exception)
        {
            throw new LoadFailedException(exception.Message);
        }
    }

    public bool HasMore() => _socket.Available > 0;

    public void Dispose() => _socket.Dispose();
}
