using System.Net;
using System.Net.Sockets;

namespace UdpPS.Sockets;

/// <summary>A sending socket over <see cref="System.Net.Sockets.Socket"/> alone: works wherever .NET does.</summary>
internal sealed class PortablePeerSocket : IPeerSocket
{
    private readonly ArrivalClock _clock;
    private readonly IPEndPoint _remote;
    private readonly EndPoint _anyPeer;
    private readonly bool _isConnected;

    /// <inheritdoc cref="PeerSocket.Over"/>
    internal PortablePeerSocket(Socket socket, IPEndPoint remote, bool isConnected)
    {
        Socket = socket;
        _remote = remote;
        _isConnected = isConnected;
        _anyPeer = new IPEndPoint(
            socket.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
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
        if (_isConnected)
        {
            Socket.Send(payload);
        }
        else
        {
            Socket.SendTo(payload, _remote);
        }
    }

    public int SendMany(byte[][] payloads, int count)
    {
        Send(payloads[0]);
        return 1;
    }

    public bool TryReceive(out Datagram datagram)
    {
        datagram = default;
        if (!Socket.Poll(0, SelectMode.SelectRead))
        {
            ThrowPendingError();
            return false;
        }

        byte[] buffer = ReceiveBuffer.OfThread();
        if (_isConnected)
        {
            datagram = new Datagram(ReceiveBuffer.Copy(buffer, Socket.Receive(buffer)), _remote, null);
        }
        else
        {
            EndPoint peer = _anyPeer;
            int length = Socket.ReceiveFrom(buffer, ref peer);
            datagram = new Datagram(ReceiveBuffer.Copy(buffer, length), ((IPEndPoint)peer).Unmapped(), null);
        }

        return true;
    }

    public long AskArrivalOfLast() => _clock.AskArrivalOfLast();

    public void Dispose() => Socket.Dispose();

    // On Unix a report on an earlier datagram ends a wait, but does not count as something to read.
    private void ThrowPendingError()
    {
        if (_isConnected && Socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error) is int error and not 0)
        {
            throw new SocketException(error);
        }
    }
}
