using System;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace UdpPS.Sockets;

/// <summary>A datagram socket over <see cref="System.Net.Sockets.Socket"/> alone: works wherever .NET does.</summary>
internal sealed class PortableDatagramSocket : IDatagramSocket
{
    // No datagram can be longer than the 16-bit length field of its UDP header says, so nothing is ever cut off.
    private const int MaximumDatagram = 65535;

    // One for a thread, not for a socket: a sender may have thousands of sockets at rest.
    [ThreadStatic]
    private static byte[]? t_buffer;

    private readonly EndPoint _anyPeer;
    private readonly IPEndPoint? _connectedPeer;
    private readonly bool _needsPacketInformation;
    private readonly bool _needsArrivalTime;

    /// <param name="socket">Bound, and connected where it has one peer. Owned from here on.</param>
    /// <param name="connectedPeer">The peer the socket is connected to, if it is.</param>
    /// <param name="needsArrivalTime">Whether the system is asked when each datagram came.</param>
    internal PortableDatagramSocket(Socket socket, IPEndPoint? connectedPeer, bool needsArrivalTime)
    {
        Socket = socket;
        _connectedPeer = connectedPeer;
        LocalEndPoint = (IPEndPoint)socket.LocalEndPoint!;
        _anyPeer = new IPEndPoint(
            socket.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
        _needsPacketInformation = !needsArrivalTime && LocalEndPoint.Address.IsWildcard();
        _needsArrivalTime = needsArrivalTime;
        if (needsArrivalTime)
        {
            UnixSocketOptions.GetAgeOfLastDatagram(socket);
        }
    }

    public Socket Socket { get; }

    public IPEndPoint LocalEndPoint { get; }

    public bool SendsInBatches => false;

    public long DroppedBySystem => UnixSocketOptions.GetDropCount(Socket);

    public int Receive(Datagram[] into, int timeoutMilliseconds)
    {
        if (!Socket.Poll(timeoutMilliseconds * 1000, SelectMode.SelectRead))
        {
            ThrowPendingError();
            return 0;
        }

        into[0] = ReceiveOne();
        int count = 1;
        try
        {
            while (count < into.Length && Socket.Available > 0)
            {
                into[count] = ReceiveOne();
                count++;
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
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
                if (datagram.Remote is null)
                {
                    Socket.Send(datagram.Payload);
                }
                else
                {
                    Socket.SendTo(datagram.Payload, datagram.Remote);
                }
            }
            catch (SocketException) when (sent > 0)
            {
                return sent;
            }
        }

        return count;
    }

    public void Dispose() => Socket.Dispose();

    // On Unix a report on an earlier datagram ends the wait, but does not count as something to read.
    private void ThrowPendingError()
    {
        if (_connectedPeer is not null
            && Socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error) is int error and not 0)
        {
            throw new SocketException(error);
        }
    }

    private Datagram ReceiveOne()
    {
        byte[] buffer = t_buffer ??= new byte[MaximumDatagram];
        if (_connectedPeer is not null)
        {
            byte[] payload = Copy(buffer, Socket.Receive(buffer));
            return new Datagram(payload, _connectedPeer, null, ArrivalOfLast());
        }

        EndPoint peer = _anyPeer;
        if (!_needsPacketInformation)
        {
            int length = Socket.ReceiveFrom(buffer, ref peer);
            return new Datagram(Copy(buffer, length), ((IPEndPoint)peer).Unmapped(), null, ArrivalOfLast());
        }

        SocketFlags flags = SocketFlags.None;
        int received = Socket.ReceiveMessageFrom(
            buffer, 0, buffer.Length, ref flags, ref peer, out IPPacketInformation information);
        return new Datagram(Copy(buffer, received), ((IPEndPoint)peer).Unmapped(), information.Address?.Unmapped());
    }

    private long ArrivalOfLast()
    {
        return _needsArrivalTime && UnixSocketOptions.GetAgeOfLastDatagram(Socket) is { } age
            ? Stopwatch.GetTimestamp() - (long)(age.TotalSeconds * Stopwatch.Frequency)
            : 0;
    }

    private static byte[] Copy(byte[] buffer, int length)
    {
        if (length == 0)
        {
            return Array.Empty<byte>();
        }

        var payload = new byte[length];
        Buffer.BlockCopy(buffer, 0, payload, 0, length);
        return payload;
    }
}
