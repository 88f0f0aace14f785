using System;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace UdpPS.Tests.Infrastructure;

/// <summary>A peer that does just what a test tells it, on a free loopback port.</summary>
internal sealed class RawSocket : IDisposable
{
    private readonly byte[] _buffer = new byte[65536];

    internal RawSocket(IPAddress? address = null)
    {
        address ??= IPAddress.Loopback;
        Socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp)
        {
            ReceiveTimeout = (int)Until.Deadline.TotalMilliseconds,
            ReceiveBufferSize = 4 * 1024 * 1024,
        };
        Socket.Bind(new IPEndPoint(address, 0));
    }

    internal Socket Socket { get; }

    internal IPEndPoint EndPoint => (IPEndPoint)Socket.LocalEndPoint!;

    internal int Port => EndPoint.Port;

    internal bool HasMore => Socket.Available > 0 || Socket.Poll(0, SelectMode.SelectRead);

    internal void SendTo(int port, string text) => SendTo(port, Encoding.UTF8.GetBytes(text));

    internal void SendTo(int port, byte[] payload) =>
        Socket.SendTo(payload, new IPEndPoint(
            EndPoint.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Loopback : IPAddress.Loopback, port));

    internal void SendTo(EndPoint peer, string text) => Socket.SendTo(Encoding.UTF8.GetBytes(text), peer);

    internal byte[] ReceiveBytes(out IPEndPoint from)
    {
        EndPoint peer = new IPEndPoint(EndPoint.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
        int length = Socket.ReceiveFrom(_buffer, ref peer);
        from = (IPEndPoint)peer;
        return _buffer.AsSpan(0, length).ToArray();
    }

    internal string Receive(out IPEndPoint from) => Encoding.UTF8.GetString(ReceiveBytes(out from));

    internal string Receive() => Receive(out _);

    /// <summary>Takes what has come, and says how much it was.</summary>
    internal int Drain()
    {
        int count = 0;
        for (; HasMore; count++)
        {
            ReceiveBytes(out _);
        }

        return count;
    }

    public void Dispose() => Socket.Dispose();
}
