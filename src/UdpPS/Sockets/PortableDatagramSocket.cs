using System;
using System.Net;
using System.Net.Sockets;

namespace UdpPS.Sockets;

/// <summary>A listening socket over <see cref="System.Net.Sockets.Socket"/> alone: works wherever .NET does.</summary>
internal sealed class PortableDatagramSocket : IDatagramSocket
{
    private readonly EndPoint _anyPeer;
    private readonly bool _tellsLocalAddress;

    /// <param name="socket">Bound. Owned from here on.</param>
    /// <param name="tellsLocalAddress">Whether the system was asked to tell the address that each datagram came to.</param>
    internal PortableDatagramSocket(Socket socket, bool tellsLocalAddress)
    {
        Socket = socket;
        LocalEndPoint = (IPEndPoint)socket.LocalEndPoint!;
        _anyPeer = new IPEndPoint(socket.AddressFamily.Wildcard(), 0);
        _tellsLocalAddress = tellsLocalAddress;

        // A send shall fail, and not wait, when the system has no room: peers that nobody finds can fill it.
        socket.Blocking = false;
    }

    public Socket Socket { get; }

    public IPEndPoint LocalEndPoint { get; }

    public bool SendsInBatches => false;

    public long DroppedBySystem => UnixSocketOptions.GetDropCount(Socket);

    public int Receive(Datagram[] into, int timeoutMilliseconds)
    {
        // An error, as when the system destroys the socket, ends the wait too, and is thrown by the read.
        if (!Socket.Poll(timeoutMilliseconds * 1000, SelectMode.SelectRead) && !Socket.Poll(0, SelectMode.SelectError))
        {
            return 0;
        }

        int count = 0;
        try
        {
            into[count] = ReceiveOne();
            count++;
            while (count < into.Length && Socket.Available > 0)
            {
                into[count] = ReceiveOne();
                count++;
            }
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.WouldBlock)
        {
            // Nothing was there after all: a datagram with a wrong checksum wakes the wait, and is thrown away.
        }
        catch (Exception exception) when (count > 0 && exception is SocketException or ObjectDisposedException)
        {
            // What has been read is not lost. If the socket is broken, the next call will say so.
        }

        return count;
    }

    public int Send(Datagram[] datagrams, int offset, int count)
    {
        for (int sent = 0; sent < count; sent++)
        {
            Datagram datagram = datagrams[offset + sent];
            try
            {
                Socket.SendTo(datagram.Payload, datagram.Remote);
            }
            catch (SocketException) when (sent > 0)
            {
                return sent;
            }
        }

        return count;
    }

    public void Dispose() => Socket.Dispose();

    private Datagram ReceiveOne()
    {
        byte[] buffer = ReceiveBuffer.OfThread();
        EndPoint peer = _anyPeer;
        if (!_tellsLocalAddress)
        {
            int length = Socket.ReceiveFrom(buffer, ref peer);
            return new Datagram(ReceiveBuffer.Copy(buffer, length), ((IPEndPoint)peer).Unmapped(), null);
        }

        SocketFlags flags = SocketFlags.None;
        int received = Socket.ReceiveMessageFrom(
            buffer, 0, buffer.Length, ref flags, ref peer, out IPPacketInformation information);
        return new Datagram(
            ReceiveBuffer.Copy(buffer, received), ((IPEndPoint)peer).Unmapped(), information.Address?.Unmapped());
    }
}
