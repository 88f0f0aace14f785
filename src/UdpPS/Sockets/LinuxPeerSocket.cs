using System;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace UdpPS.Sockets;

/// <summary>
/// A sending socket that calls the system itself, and asks it for every ICMP error (IP_RECVERR, IPV6_RECVERR: ip(7), ipv6(7)).
/// Not thread-safe.
/// </summary>
/// <remarks>Its user closes it, and sees to it that no call is under way then: nothing else holds the descriptor open.</remarks>
internal sealed unsafe class LinuxPeerSocket : IPeerSocket
{
    private const int MaximumBatch = 64;
    private const int MaximumBatchBytes = 64 * 1024;
    private const int ControlLength = 256;
    private const int ControlHeaderLength = 16; // sizeof(cmsghdr), already aligned
    private const int On = 1;
    private const int NanosecondsPerTick = 100;

    private static readonly DateTime UnixEpoch = new(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [ThreadStatic]
    private static byte[]? t_batch;

    private readonly AddressFamily _family;
    private readonly IPEndPoint? _peer;
    private int _descriptor;

    /// <param name="family">The family of addresses.</param>
    /// <param name="peer">What it is connected to; null to talk to many.</param>
    /// <param name="localPort">The port to bind.</param>
    /// <param name="options">How it is set up.</param>
    /// <param name="multicastInterface">The index of the interface that IPv6 groups are reached by; 0 for the system's choice.</param>
    /// <exception cref="SocketException">The address or port cannot be had, or there is no way to the peer.</exception>
    internal LinuxPeerSocket(
        AddressFamily family, IPEndPoint? peer, int localPort, SendOptions options, int multicastInterface)
    {
        _family = family;
        _peer = peer;
        int type = LinuxCalls.DatagramSocket | LinuxCalls.NonBlocking | LinuxCalls.CloseOnExec;
        _descriptor = LinuxCalls.Open(
            IsIPv6 ? LinuxMessages.AddressFamilyIPv6 : LinuxMessages.AddressFamilyIPv4, type, 0);
        ThrowIfFailed(_descriptor);
        try
        {
            Configure(options, multicastInterface);
            Bind(new IPEndPoint(options.LocalAddress ?? family.Wildcard(), localPort));
            LocalEndPoint = FindLocalEndPoint();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public IPEndPoint LocalEndPoint { get; }

    public IPeerSocket Polled => this;

    public string? Ambiguity => null;

    /// <summary>The descriptor, to be polled.</summary>
    internal int Descriptor => _descriptor;

    private bool IsIPv6 => _family == AddressFamily.InterNetworkV6;

    /// <summary>Has the system note when datagrams come, for as long as the descriptor that this returns is open.</summary>
    internal static int StartClock()
    {
        int descriptor = LinuxCalls.Open(
            LinuxMessages.AddressFamilyIPv4, LinuxCalls.DatagramSocket | LinuxCalls.CloseOnExec, 0);
        int on = On;
        _ = LinuxCalls.SetOption(descriptor, LinuxCalls.LevelSocket, LinuxCalls.Timestamp, &on, sizeof(int));
        return descriptor;
    }

    public SocketError Send(byte[] payload, IPEndPoint remote)
    {
        ThrowIfClosed();
        byte* name = stackalloc byte[LinuxAddresses.MaximumLength];
        uint nameLength = _peer is null ? (uint)LinuxAddresses.WritePeer(name, remote, _family) : 0;
        fixed (byte* start = payload)
        {
            while ((long)LinuxCalls.SendTo(
                _descriptor, start, (UIntPtr)payload.Length, 0, _peer is null ? name : null, nameLength) < 0)
            {
                int error = Marshal.GetLastWin32Error();
                if (error == LinuxCalls.ErrorNoBuffers)
                {
                    // The interface dropped it, which Linux tells because of IP_RECVERR alone. As on any other hop, it is lost, and a
                    // retry may arrive.
                    break;
                }

                if (error != LinuxMessages.ErrorInterrupted)
                {
                    return LinuxErrors.ToSocketError(error);
                }
            }
        }

        return SocketError.Success;
    }

    public int SendMany(byte[][] payloads, int count, IPEndPoint remote, out SocketError error)
    {
        ThrowIfClosed();
        byte[] batch = t_batch ??= new byte[MaximumBatchBytes];
        var messages = stackalloc LinuxMessages.MultiMessage[MaximumBatch];
        var vectors = stackalloc LinuxMessages.IoVector[MaximumBatch];
        byte* name = stackalloc byte[LinuxAddresses.MaximumLength];
        uint nameLength = _peer is null ? (uint)LinuxAddresses.WritePeer(name, remote, _family) : 0;
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
                messages[filled].Header.Name = _peer is null ? name : null;
                messages[filled].Header.NameLength = nameLength;
                messages[filled].Header.Vectors = vectors + filled;
                messages[filled].Header.VectorCount = (UIntPtr)1;
                used += payload.Length;
            }

            int sent;
            do
            {
                sent = LinuxMessages.SendMany((IntPtr)_descriptor, messages, (uint)filled, LinuxMessages.MsgDontWait);
            }
            while (sent < 0 && Marshal.GetLastWin32Error() == LinuxMessages.ErrorInterrupted);
            error = sent < 0 ? LinuxErrors.ToSocketError(Marshal.GetLastWin32Error()) : SocketError.Success;
            return Math.Max(sent, 0);
        }
    }

    public SocketError Receive(out Datagram datagram)
    {
        ThrowIfClosed();
        byte[] buffer = ReceiveBuffer.OfThread();
        byte* name = stackalloc byte[LinuxAddresses.MaximumLength];
        uint nameLength = LinuxAddresses.MaximumLength;
        int length;
        fixed (byte* start = buffer)
        {
            length = (int)LinuxCalls.ReceiveFrom(
                _descriptor,
                start,
                (UIntPtr)buffer.Length,
                0,
                _peer is null ? name : null,
                _peer is null ? &nameLength : null);
        }

        return ToDatagram(buffer, length, name, out datagram);
    }

    public SocketError ReceiveLate(out Datagram datagram, out TimeSpan? age)
    {
        ThrowIfClosed();

        // From now on the system says of each datagram that is taken when it came.
        int on = On;
        _ = LinuxCalls.SetOption(_descriptor, LinuxCalls.LevelSocket, LinuxCalls.Timestamp, &on, sizeof(int));

        byte[] buffer = ReceiveBuffer.OfThread();
        byte* name = stackalloc byte[LinuxAddresses.MaximumLength];
        byte* control = stackalloc byte[ControlLength];
        int length;
        DateTime now = DateTime.UtcNow;
        fixed (byte* start = buffer)
        {
            LinuxMessages.IoVector vector = new() { Base = start, Length = (UIntPtr)buffer.Length };
            LinuxMessages.Message message = NewMessage(name, control);
            message.Vectors = &vector;
            message.VectorCount = (UIntPtr)1;
            length = (int)LinuxCalls.ReceiveMessage(_descriptor, &message, 0);
            age = length >= 0 ? AgeOf(in message, now) : null;
        }

        return ToDatagram(buffer, length, name, out datagram);
    }

    public bool TryTakeIcmpError(out IcmpError error)
    {
        ThrowIfClosed();

        // The payload of the datagram is left out.
        byte* name = stackalloc byte[LinuxAddresses.MaximumLength];
        byte* control = stackalloc byte[ControlLength];
        LinuxMessages.Message message = NewMessage(name, control);
        error = null!;
        return (long)LinuxCalls.ReceiveMessage(_descriptor, &message, LinuxCalls.ErrorQueue) >= 0
            && (error = ReadIcmpError(in message)!) is not null;
    }

    public void Dispose()
    {
        int descriptor = _descriptor;
        _descriptor = -1;
        if (descriptor >= 0)
        {
            _ = LinuxCalls.Close(descriptor);
        }
    }

    private static LinuxMessages.Message NewMessage(byte* name, byte* control) => new()
    {
        Name = name,
        NameLength = LinuxAddresses.MaximumLength,
        Control = control,
        ControlLength = (UIntPtr)ControlLength,
    };

    // One that came before the system began to note the times has that of the call, which says nothing.
    private static TimeSpan? AgeOf(in LinuxMessages.Message message, DateTime now)
    {
        var time = (long*)FindControl(in message, LinuxCalls.LevelSocket, LinuxCalls.Timestamp, LinuxCalls.LevelSocket, LinuxCalls.Timestamp);
        DateTime came = time is null ? now : UnixEpoch.AddTicks((time[0] * TimeSpan.TicksPerSecond) + (time[1] / NanosecondsPerTick));
        return came < now ? now - came : null;
    }

    private static IcmpError? ReadIcmpError(in LinuxMessages.Message message)
    {
        byte* found = FindControl(
            in message,
            LinuxMessages.LevelIPv4,
            LinuxCalls.ReceiveErrors,
            LinuxMessages.LevelIPv6,
            LinuxCalls.IPv6ReceiveErrors);
        if (found is null)
        {
            return null;
        }

        var reported = (LinuxCalls.ExtendedError*)found;
        IPEndPoint? destination = message.NameLength > 0 ? LinuxAddresses.ReadEndPoint(message.Name) : null;
        return ToIcmpError(in *reported, (byte*)(reported + 1), destination);
    }

    // The data of the control message of one of two kinds; null where there is none.
    private static byte* FindControl(in LinuxMessages.Message message, int level, int type, int otherLevel, int otherType)
    {
        byte* end = message.Control + (long)message.ControlLength;
        for (byte* at = message.Control; at + ControlHeaderLength <= end;)
        {
            var header = (LinuxMessages.ControlHeader*)at;
            long length = (long)header->Length;
            if (length < ControlHeaderLength)
            {
                return null;
            }

            if ((header->Level == level && header->Type == type) || (header->Level == otherLevel && header->Type == otherType))
            {
                return at + ControlHeaderLength;
            }

            at += (length + sizeof(long) - 1) & ~(sizeof(long) - 1);
        }

        return null;
    }

    private static IcmpError ToIcmpError(in LinuxCalls.ExtendedError reported, byte* reporter, IPEndPoint? destination)
    {
        SocketError error = LinuxErrors.ToSocketError((int)reported.Error);
        IcmpErrorKind kind = reported.Origin switch
        {
            LinuxCalls.OriginIcmp => IcmpError.KindOf(reported.Type, reported.Code),
            LinuxCalls.OriginIcmpV6 => IcmpError.KindOfIPv6(reported.Type, reported.Code),
            _ => IcmpError.From(error).Kind,
        };
        IPAddress? address = reported.Origin is LinuxCalls.OriginIcmp or LinuxCalls.OriginIcmpV6 && *(ushort*)reporter != 0
            ? LinuxAddresses.ReadEndPoint(reporter).Address
            : null;
        return new IcmpError(kind, error, address, destination, kind == IcmpErrorKind.TooBig ? (int)reported.Information : 0);
    }

    private SocketError ToDatagram(byte[] buffer, int length, byte* name, out Datagram datagram)
    {
        if (length < 0)
        {
            datagram = default;
            int error = Marshal.GetLastWin32Error();
            return error == LinuxMessages.ErrorInterrupted ? SocketError.WouldBlock : LinuxErrors.ToSocketError(error);
        }

        datagram = new Datagram(ReceiveBuffer.Copy(buffer, length), _peer ?? LinuxAddresses.ReadEndPoint(name), null);
        return SocketError.Success;
    }

    private void Configure(SendOptions options, int multicastInterface)
    {
        if (options.Broadcast)
        {
            SetOption(LinuxCalls.LevelSocket, LinuxCalls.Broadcast, On);
        }

        if (options.SendBuffer is { } bytes)
        {
            SetOption(LinuxCalls.LevelSocket, LinuxCalls.SendBuffer, bytes);
        }

        if (IsIPv6)
        {
            ConfigureIPv6(options, multicastInterface);
        }
        else
        {
            ConfigureIPv4(options);
        }
    }

    private void ConfigureIPv4(SendOptions options)
    {
        SetOption(LinuxMessages.LevelIPv4, LinuxCalls.ReceiveErrors, On);

        // Linux forbids fragmentation otherwise, to find out what the path takes: the first datagram above that is lost.
        SetOption(
            LinuxMessages.LevelIPv4,
            LinuxCalls.MtuDiscovery,
            options.DontFragment ? LinuxCalls.DontFragment : LinuxCalls.MayFragment);
        if (options.MaxHops is { } hops)
        {
            SetOption(LinuxMessages.LevelIPv4, LinuxCalls.TimeToLive, hops);
            SetOption(LinuxMessages.LevelIPv4, LinuxCalls.MulticastTimeToLive, hops);
        }

        if (_peer is null)
        {
            SetOption(LinuxMessages.LevelIPv4, LinuxCalls.MulticastAll, 0);
        }

        if (_peer is null && options.LocalAddress is { } local && !local.IsWildcard())
        {
            // The routing table picks the interface of a multicast message, whatever address the socket is bound to.
            SetOption(LinuxMessages.LevelIPv4, LinuxCalls.MulticastInterface, BitConverter.ToInt32(local.GetAddressBytes(), 0));
        }
    }

    private void ConfigureIPv6(SendOptions options, int multicastInterface)
    {
        SetOption(LinuxMessages.LevelIPv6, LinuxCalls.IPv6Only, On);
        SetOption(LinuxMessages.LevelIPv6, LinuxCalls.IPv6ReceiveErrors, On);
        if (options.DontFragment)
        {
            SetOption(LinuxMessages.LevelIPv6, LinuxCalls.IPv6DontFragment, On);
        }

        if (options.MaxHops is { } hops)
        {
            SetOption(LinuxMessages.LevelIPv6, LinuxCalls.IPv6Hops, hops);
            SetOption(LinuxMessages.LevelIPv6, LinuxCalls.IPv6MulticastHops, hops);
        }

        if (_peer is null)
        {
            // Linux before 4.20 lacks it.
            int off = 0;
            _ = LinuxCalls.SetOption(_descriptor, LinuxMessages.LevelIPv6, LinuxCalls.IPv6MulticastAll, &off, sizeof(int));
        }

        if (multicastInterface != 0)
        {
            SetOption(LinuxMessages.LevelIPv6, LinuxCalls.IPv6MulticastInterface, multicastInterface);
        }
    }

    private void SetOption(int level, int option, int value) =>
        ThrowIfFailed(LinuxCalls.SetOption(_descriptor, level, option, &value, sizeof(int)));

    private void Bind(IPEndPoint local)
    {
        byte* name = stackalloc byte[LinuxAddresses.MaximumLength];
        if (LinuxCalls.Bind(_descriptor, name, (uint)LinuxAddresses.WritePeer(name, local, _family)) < 0)
        {
            SocketError error = LinuxErrors.ToSocketError(Marshal.GetLastWin32Error());
            throw PortUnavailableException.IsReason(error) ? new PortUnavailableException(error) : new SocketException((int)error);
        }

        if (_peer is not null)
        {
            ThrowIfFailed(LinuxCalls.Connect(_descriptor, name, (uint)LinuxAddresses.WritePeer(name, _peer, _family)));
        }
    }

    private IPEndPoint FindLocalEndPoint()
    {
        byte* name = stackalloc byte[LinuxAddresses.MaximumLength];
        uint length = LinuxAddresses.MaximumLength;
        ThrowIfFailed(LinuxCalls.GetName(_descriptor, name, &length));
        return LinuxAddresses.ReadEndPoint(name);
    }

    private static void ThrowIfFailed(int result)
    {
        if (result < 0)
        {
            throw LinuxErrors.ToException(Marshal.GetLastWin32Error());
        }
    }

    private void ThrowIfClosed()
    {
        if (_descriptor < 0)
        {
            throw new ObjectDisposedException(nameof(LinuxPeerSocket));
        }
    }
}
