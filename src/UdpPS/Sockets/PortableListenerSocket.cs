using System;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace UdpPS.Sockets;

/// <summary>A listener's socket over <see cref="Socket"/> alone: works wherever .NET does.</summary>
internal sealed class PortableListenerSocket : IListenerSocket
{
    // Only on Linux it is certain that the end of all waits ends one that is under way. On macOS neither shutdown nor close does
    // (dotnet/runtime issue 47342), and what Windows does to a poll nobody has seen.
    private const int LongestWaitMilliseconds = 400;
    private const int LongestPollMilliseconds = 1_000_000;

    // More than a system adds to what it counts for a datagram that waits to be sent.
    private const int SendOverheadBytes = 2048;

    private readonly Socket _socket;
    private readonly int _longestPoll;
    private readonly int _receiveBufferBytes;
    private readonly int _sendRoomBytes;
    private readonly bool _tellsLocalAddress;
    private readonly object _sendLock = new();
    private readonly Peer _anyPeer;
    private volatile Peer _lastPeer;
    private volatile bool _isEnding;
    private int _knownRoomBytes;

    /// <param name="socket">Bound. Owned from here on.</param>
    /// <param name="tellsLocalAddress">Whether the system was asked to tell the address that each datagram came to.</param>
    internal PortableListenerSocket(Socket socket, bool tellsLocalAddress)
    {
        _socket = socket;
        LocalEndPoint = (IPEndPoint)socket.LocalEndPoint!;
        _receiveBufferBytes = socket.ReceiveBufferSize;
        _sendRoomBytes = socket.SendBufferSize / 2;
        _tellsLocalAddress = tellsLocalAddress;
        var any = new IPEndPoint(socket.AddressFamily.Wildcard(), 0);
        _lastPeer = _anyPeer = new Peer(any, any);
        bool isLinux = RuntimeInformation.IsOSPlatform(OSPlatform.Linux);
        _longestPoll = isLinux ? LongestPollMilliseconds : LongestWaitMilliseconds;
        if (RuntimeInformation.IsOSPlatform(OSPlatform.OSX))
        {
            socket.ReceiveTimeout = LongestWaitMilliseconds;
        }
    }

    public IPEndPoint LocalEndPoint { get; }

    public int BatchLength => 1;

    public long DroppedBySystem => UnixSocketOptions.GetDropCount(_socket);

    // Windows and macOS count all datagrams here, Linux the first alone.
    public bool IsFilling => UnixSocketOptions.IsFilling(_socket) ?? _socket.Available > _receiveBufferBytes / 4;

    public int Receive(Datagram[] into, int timeoutMilliseconds)
    {
        // While datagrams come, and while it waits for as long as it takes, one call does it.
        if ((timeoutMilliseconds != int.MaxValue || _isEnding) && !IsReadable(timeoutMilliseconds))
        {
            return 0;
        }

        try
        {
            into[0] = ReceiveOne();
            return 1;
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.WouldBlock or SocketError.TimedOut)
        {
            return 0;
        }
    }

    public int Send(Datagram[] datagrams, int offset, int count)
    {
        lock (_sendLock)
        {
            for (int sent = 0; sent < count; sent++)
            {
                Datagram datagram = datagrams[offset + sent];
                try
                {
                    TakeRoom(datagram.Payload.Length);
                    _socket.SendTo(datagram.Payload, datagram.Remote);
                }
                catch (SocketException) when (sent > 0)
                {
                    return sent;
                }
            }

            return count;
        }
    }

    // A call that waits for as long as it takes goes on, until the socket is closed.
    public void EndWaits()
    {
        _isEnding = true;
        _socket.Blocking = false;
    }

    public void Dispose() => _socket.Dispose();

    // The socket is a blocking one, since receiving from another costs a further call for each datagram. So that no send blocks, it
    // is asked whether it can be written to: then half of its buffer is free, and it is asked again when that may be used up.
    private void TakeRoom(int length)
    {
        int needed = length + SendOverheadBytes;
        if (_knownRoomBytes < needed)
        {
            if (!_socket.Poll(0, SelectMode.SelectWrite))
            {
                throw new SocketException((int)SocketError.WouldBlock);
            }

            _knownRoomBytes = Math.Max(_sendRoomBytes, needed);
        }

        _knownRoomBytes -= needed;
    }

    // An error, as when the system destroys the socket, ends the wait too, and is thrown by the read.
    private bool IsReadable(int timeoutMilliseconds)
    {
        int timeout = _isEnding ? 0 : Math.Min(timeoutMilliseconds, _longestPoll);
        return _socket.Poll(timeout * 1000, SelectMode.SelectRead) || _socket.Poll(0, SelectMode.SelectError);
    }

    private Datagram ReceiveOne()
    {
        byte[] buffer = ReceiveBuffer.OfThread();
        Peer peer = _lastPeer;
        EndPoint name;
        int length;
        IPAddress? local = null;
        if (_tellsLocalAddress)
        {
            // What is given here decides which family's packet information .NET looks for: a mapped IPv4 address would hide IPv6's.
            name = _anyPeer.Name;
            SocketFlags flags = SocketFlags.None;
            length = _socket.ReceiveMessageFrom(buffer, 0, buffer.Length, ref flags, ref name, out IPPacketInformation information);
            local = information.Address?.Unmapped();
        }
        else
        {
            name = peer.Name;
            length = _socket.ReceiveFrom(buffer, ref name);
        }

        if (!name.Equals(peer.Name))
        {
            peer = _lastPeer = new Peer((IPEndPoint)name, ((IPEndPoint)name).Unmapped());
        }

        return new Datagram(ReceiveBuffer.Copy(buffer, length), peer.EndPoint, local);
    }

    /// <summary>The peer of the datagram before: mostly it sends the next one too, which then costs no new objects.</summary>
    /// <param name="Name">As the system names it.</param>
    /// <param name="EndPoint">Unmapped.</param>
    private sealed record Peer(IPEndPoint Name, IPEndPoint EndPoint);
}
