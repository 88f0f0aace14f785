using System;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace UdpPS.Sockets;

/// <summary>A sending socket over <see cref="System.Net.Sockets.Socket"/> alone: works wherever .NET does. Not thread-safe.</summary>
internal sealed class PortablePeerSocket : IPeerSocket
{
    private readonly Socket _socket;
    private readonly IPEndPoint? _peer;
    private IcmpError? _report;

    /// <inheritdoc cref="LinuxPeerSocket(AddressFamily, IPEndPoint, int, SendOptions, int)"/>
    internal PortablePeerSocket(
        AddressFamily family, IPEndPoint? peer, int localPort, SendOptions options, int multicastInterface)
    {
        _peer = peer;
        _socket = new Socket(family, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            Configure(options, multicastInterface);
            Bind(new IPEndPoint(options.LocalAddress ?? family.Wildcard(), localPort));
            if (peer is not null)
            {
                _socket.Connect(peer);
            }

            LocalEndPoint = (IPEndPoint)_socket.LocalEndPoint!;
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
    }

    public IPEndPoint LocalEndPoint { get; }

    public IPeerSocket Polled => this;

    public string? Ambiguity => null;

    /// <summary>The socket, to be waited on.</summary>
    internal Socket Socket => _socket;

    private bool IsIPv6 => _socket.AddressFamily == AddressFamily.InterNetworkV6;

    public SocketError Send(byte[] payload, IPEndPoint remote)
    {
        SocketError error;
        if (_peer is not null)
        {
            _socket.Send(payload, 0, payload.Length, SocketFlags.None, out error);
        }
        else
        {
            error = TrySendTo(payload, remote);
        }

        return NoteReport(error);
    }

    public int SendMany(byte[][] payloads, int count, IPEndPoint remote, out SocketError error)
    {
        error = Send(payloads[0], remote);
        return error == SocketError.Success ? 1 : 0;
    }

    public SocketError Receive(out Datagram datagram)
    {
        byte[] buffer = ReceiveBuffer.OfThread();
        IPEndPoint from = _peer!;
        SocketError error;
        int length;
        if (_peer is not null)
        {
            length = _socket.Receive(buffer, 0, buffer.Length, SocketFlags.None, out error);
            error = error == SocketError.WouldBlock ? FindPendingError() : error;
        }
        else
        {
            error = TryReceiveFrom(buffer, out length, ref from);
        }

        datagram = error == SocketError.Success ? new Datagram(ReceiveBuffer.Copy(buffer, length), from, null) : default;
        return NoteReport(error);
    }

    public SocketError ReceiveLate(out Datagram datagram, out TimeSpan? age)
    {
        age = null;
        return Receive(out datagram);
    }

    public bool TryTakeIcmpError(out IcmpError error)
    {
        error = _report!;
        _report = null;
        return error is not null;
    }

    public void Dispose() => _socket.Dispose();

    private void Bind(IPEndPoint local)
    {
        try
        {
            _socket.Bind(local);
        }
        catch (SocketException exception) when (PortUnavailableException.IsReason(exception.SocketErrorCode))
        {
            throw new PortUnavailableException(exception.SocketErrorCode);
        }
    }

    private void Configure(SendOptions options, int multicastInterface)
    {
        _socket.Blocking = false;
        SocketOptionLevel level = IsIPv6 ? SocketOptionLevel.IPv6 : SocketOptionLevel.IP;
        if (RuntimeInformation.IsOSPlatform(OSPlatform.Windows))
        {
            _socket.ExclusiveAddressUse = true;
            if (_peer is null)
            {
                WindowsSocketOptions.IgnorePortUnreachable(_socket);
            }
        }

        if (options.Broadcast)
        {
            _socket.EnableBroadcast = true;
        }

        if (options.SendBuffer is { } bytes)
        {
            _socket.SendBufferSize = bytes;
        }

        if (options.MaxHops is { } hops)
        {
            _socket.Ttl = (short)hops;
            _socket.SetSocketOption(level, SocketOptionName.MulticastTimeToLive, hops);
        }

        if (_peer is null)
        {
            UnixSocketOptions.ReceiveOwnGroupsOnly(_socket);
        }

        SetFragmentation(options.DontFragment);
        if (!IsIPv6 && _peer is null && options.LocalAddress is { } local && !local.IsWildcard())
        {
            // The routing table picks the interface of a multicast message, whatever address the socket is bound to.
            _socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, local.GetAddressBytes());
        }
        else if (IsIPv6 && multicastInterface != 0)
        {
            _socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastInterface, multicastInterface);
        }
    }

    private void SetFragmentation(bool isForbidden)
    {
        if (!IsIPv6)
        {
            // Only Linux forbids it unless it is told otherwise.
            if (isForbidden || RuntimeInformation.IsOSPlatform(OSPlatform.Linux))
            {
                _socket.DontFragment = isForbidden;
            }
        }
        else if (isForbidden && RuntimeInformation.IsOSPlatform(OSPlatform.Windows))
        {
            _socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.DontFragment, true);
        }
        else if (isForbidden)
        {
            UnixSocketOptions.ForbidIPv6Fragmentation(_socket);
        }
    }

    private SocketError TrySendTo(byte[] payload, IPEndPoint remote)
    {
        try
        {
            _socket.SendTo(payload, remote);
            return SocketError.Success;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode;
        }
    }

    // Some systems tell of a closed port only when they are asked, or at the next send.
    private SocketError FindPendingError() =>
        _socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error) is int error and not 0
            ? new SocketException(error).SocketErrorCode
            : SocketError.WouldBlock;

    // There is no call that returns the error of this.
    private SocketError TryReceiveFrom(byte[] buffer, out int length, ref IPEndPoint from)
    {
        length = 0;
        if (!_socket.Poll(0, SelectMode.SelectRead))
        {
            return SocketError.WouldBlock;
        }

        try
        {
            EndPoint peer = new IPEndPoint(_socket.AddressFamily.Wildcard(), 0);
            length = _socket.ReceiveFrom(buffer, ref peer);
            from = ((IPEndPoint)peer).Unmapped();
            return SocketError.Success;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode;
        }
    }

    // On a socket for many peers nobody knows whose report it is.
    private SocketError NoteReport(SocketError error)
    {
        if (_peer is not null && error is not (SocketError.Success or SocketError.WouldBlock))
        {
            _report = IcmpError.From(error);
        }

        return error;
    }
}
