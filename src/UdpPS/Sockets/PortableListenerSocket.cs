using System;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace UdpPS.Sockets;

/// <summary>A listener's socket over <see cref="Socket"/> alone: works wherever .NET does.</summary>
internal sealed class PortableListenerSocket : IListenerSocket
{
    // Linux lets a send wait for room, which peers that nobody finds can fill. This is the shortest there is: a tick of the system.
    private const int SendTimeoutMilliseconds = 1;

    // Nobody has seen that a close ends a wait on macOS: this bounds it.
    private const int MacOSWaitMilliseconds = 400;

    private const int LongestPollMilliseconds = 1_000_000;

    private readonly Socket _socket;
    private readonly int _receiveBufferBytes;
    private readonly bool _tellsLocalAddress;
    private volatile bool _isEnding;

    private readonly IPEndPoint _anyPeer;

    // The peer of the datagram before, as the system named it: mostly it sends the next one too, and costs no new objects.
    private IPEndPoint _lastName;
    private IPEndPoint _lastPeer;

    /// <param name="socket">Bound. Owned from here on.</param>
    /// <param name="tellsLocalAddress">Whether the system was asked to tell the address that each datagram came to.</param>
    internal PortableListenerSocket(Socket socket, bool tellsLocalAddress)
    {
        _socket = socket;
        LocalEndPoint = (IPEndPoint)socket.LocalEndPoint!;
        _lastPeer = _lastName = _anyPeer = new IPEndPoint(socket.AddressFamily.Wildcard(), 0);
        _tellsLocalAddress = tellsLocalAddress;
        _receiveBufferBytes = socket.ReceiveBufferSize;
        socket.SendTimeout = SendTimeoutMilliseconds;
        if (RuntimeInformation.IsOSPlatform(OSPlatform.OSX))
        {
            socket.ReceiveTimeout = MacOSWaitMilliseconds;
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
        for (int sent = 0; sent < count; sent++)
        {
            Datagram datagram = datagrams[offset + sent];
            try
            {
                _socket.SendTo(datagram.Payload, datagram.Remote);
            }
            catch (SocketException) when (sent > 0)
            {
                return sent;
            }
        }

        return count;
    }

    // A call that waits goes on waiting, until the socket is closed.
    public void EndWaits()
    {
        _isEnding = true;
        _socket.Blocking = false;
    }

    public void Dispose() => _socket.Dispose();

    // An error, as when the system destroys the socket, ends the wait too, and is thrown by the read.
    private bool IsReadable(int timeoutMilliseconds)
    {
        int timeout = _isEnding ? 0 : Math.Min(timeoutMilliseconds, LongestPollMilliseconds);
        return _socket.Poll(timeout * 1000, SelectMode.SelectRead) || _socket.Poll(0, SelectMode.SelectError);
    }

    private Datagram ReceiveOne()
    {
        byte[] buffer = ReceiveBuffer.OfThread();
        EndPoint name;
        int length;
        IPAddress? local = null;
        if (_tellsLocalAddress)
        {
            // What is given here decides which family's packet information .NET looks for: a mapped IPv4 address would hide IPv6's.
            name = _anyPeer;
            SocketFlags flags = SocketFlags.None;
            length = _socket.ReceiveMessageFrom(buffer, 0, buffer.Length, ref flags, ref name, out IPPacketInformation information);
            local = information.Address?.Unmapped();
        }
        else
        {
            name = _lastName;
            length = _socket.ReceiveFrom(buffer, ref name);
        }

        if (!name.Equals(_lastName))
        {
            _lastName = (IPEndPoint)name;
            _lastPeer = _lastName.Unmapped();
        }

        return new Datagram(ReceiveBuffer.Copy(buffer, length), _lastPeer, local);
    }
}
