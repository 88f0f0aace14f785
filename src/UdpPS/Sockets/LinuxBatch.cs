using System;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace UdpPS.Sockets;

/// <summary>Memory for one batch of datagrams in the kernel's own layout. Not thread-safe.</summary>
internal sealed unsafe class LinuxBatch : IDisposable
{
    /// <summary>How many datagrams one call moves.</summary>
    internal const int Length = 64;

    // Room for the packet information of both families, which a dual-stack socket gives for one datagram.
    private const int ControlLength = 96;
    private const int ControlHeaderLength = 16; // sizeof(cmsghdr), already aligned
    private const int ControlAlignment = 8;

    // struct in_pktinfo { int ifindex; in_addr spec_dst; in_addr addr; }, struct in6_pktinfo { in6_addr addr; int ifindex; }
    private const int IPv4InfoLength = 12;
    private const int IPv4InfoSourceOffset = 4;
    private const int IPv4InfoAddressOffset = 8;
    private const int IPv6InfoLength = 20;

    private readonly IntPtr _memory;
    private readonly int _slotLength;
    private readonly byte* _payloads;
    private readonly byte* _names;
    private readonly byte* _controls;
    private bool _isFreed;

    /// <param name="slotLength">Bytes for each payload. The system gives them real memory only when they are used.</param>
    internal LinuxBatch(int slotLength)
    {
        _slotLength = Align(slotLength);
        int nameLength = Align(LinuxAddresses.MaximumLength);
        int each = sizeof(LinuxMessages.MultiMessage) + sizeof(LinuxMessages.IoVector) + nameLength + ControlLength + _slotLength;
        _memory = Marshal.AllocHGlobal(each * Length);
        byte* next = (byte*)_memory;
        Messages = (LinuxMessages.MultiMessage*)next;
        next += sizeof(LinuxMessages.MultiMessage) * Length;
        var vectors = (LinuxMessages.IoVector*)next;
        next += sizeof(LinuxMessages.IoVector) * Length;
        _names = next;
        next += nameLength * Length;
        _controls = next;
        _payloads = next + (ControlLength * Length);

        for (int i = 0; i < Length; i++)
        {
            vectors[i] = new LinuxMessages.IoVector { Base = _payloads + (i * _slotLength), Length = (UIntPtr)slotLength };
            Messages[i] = default;
            Messages[i].Header.Name = _names + (i * nameLength);
            Messages[i].Header.Vectors = vectors + i;
            Messages[i].Header.VectorCount = (UIntPtr)1;
            Messages[i].Header.Control = _controls + (i * ControlLength);
        }
    }

    ~LinuxBatch() => Dispose();

    internal LinuxMessages.MultiMessage* Messages { get; }

    public void Dispose()
    {
        if (!_isFreed)
        {
            _isFreed = true;
            Marshal.FreeHGlobal(_memory);
            GC.SuppressFinalize(this);
        }
    }

    /// <summary>Makes slots ready for the kernel to fill.</summary>
    internal void PrepareToReceive(int count)
    {
        for (int i = 0; i < count; i++)
        {
            ref LinuxMessages.Message header = ref Messages[i].Header;
            header.NameLength = LinuxAddresses.MaximumLength;
            header.ControlLength = (UIntPtr)ControlLength;
            header.Flags = 0;
        }
    }

    /// <summary>Whether the kernel named the sender of what it put into a slot, as it does for every datagram.</summary>
    internal bool HasPeer(int index) => Messages[index].Header.NameLength > 0;

    /// <summary>Takes a datagram out of a slot that the kernel filled.</summary>
    internal Datagram Read(int index, LinuxAddresses addresses)
    {
        ref LinuxMessages.MultiMessage message = ref Messages[index];
        byte[] payload = Array.Empty<byte>();
        if (message.Length > 0)
        {
            payload = new byte[message.Length];
            Marshal.Copy((IntPtr)message.Header.Vectors->Base, payload, 0, payload.Length);
        }

        return new Datagram(payload, addresses.ReadPeer(message.Header.Name), ReadLocal(in message.Header, addresses));
    }

    /// <summary>
    /// Puts datagrams into a slot for the kernel to send: one, or a segmentation batch of several of one length to
    /// one peer, which the kernel takes apart again (UDP_SEGMENT, udp(7)).
    /// </summary>
    internal void Write(int index, Datagram[] datagrams, int offset, int count, AddressFamily family)
    {
        Datagram first = datagrams[offset];
        int length = first.Payload.Length;
        if (length * count > _slotLength)
        {
            throw new SocketException((int)SocketError.MessageSize);
        }

        ref LinuxMessages.Message header = ref Messages[index].Header;
        header.NameLength = (uint)LinuxAddresses.WritePeer(header.Name, first.Remote, family);
        for (int i = 0; i < count; i++)
        {
            Marshal.Copy(datagrams[offset + i].Payload, 0, (IntPtr)(header.Vectors->Base + (i * length)), length);
        }

        header.Vectors->Length = (UIntPtr)(length * count);
        header.Flags = 0;
        int controlLength = WriteLocal(header.Control, first.Local, family);
        if (count > 1)
        {
            controlLength += WriteSegmentLength(header.Control + controlLength, (ushort)length);
        }

        header.ControlLength = (UIntPtr)controlLength;
    }

    private static int WriteSegmentLength(byte* control, ushort length)
    {
        var header = (LinuxMessages.ControlHeader*)control;
        header->Length = (UIntPtr)(ControlHeaderLength + sizeof(ushort));
        header->Level = LinuxMessages.LevelUdp;
        header->Type = LinuxMessages.UdpSegment;
        *(ushort*)(control + ControlHeaderLength) = length;
        return ControlHeaderLength + Align(sizeof(ushort));
    }

    // Addresses of groups and broadcasts are no source: then the system chooses one.
    private static int WriteLocal(byte* control, IPAddress? local, AddressFamily family)
    {
        if (local is null || local.IsWildcard())
        {
            return 0;
        }

        var header = (LinuxMessages.ControlHeader*)control;
        byte* information = control + ControlHeaderLength;
        bool isIPv6 = family == AddressFamily.InterNetworkV6;
        int length = isIPv6 ? IPv6InfoLength : IPv4InfoLength;
        header->Length = (UIntPtr)(ControlHeaderLength + length);
        header->Level = isIPv6 ? LinuxMessages.LevelIPv6 : LinuxMessages.LevelIPv4;
        header->Type = isIPv6 ? LinuxMessages.IPv6PacketInfo : LinuxMessages.IPv4PacketInfo;
        for (int i = 0; i < length; i++)
        {
            information[i] = 0;
        }

        LinuxAddresses.WriteAddress(isIPv6 ? information : information + IPv4InfoSourceOffset, AddressBits.Of(local), family);
        return ControlHeaderLength + Align(length);
    }

    private static IPAddress? ReadLocal(in LinuxMessages.Message header, LinuxAddresses addresses)
    {
        long left = (long)header.ControlLength;
        for (byte* at = header.Control; left >= ControlHeaderLength;)
        {
            var control = (LinuxMessages.ControlHeader*)at;
            long length = (long)control->Length;
            if (length < ControlHeaderLength || length > left)
            {
                return null;
            }

            byte* information = at + ControlHeaderLength;
            if (control->Level == LinuxMessages.LevelIPv6 && control->Type == LinuxMessages.IPv6PacketInfo)
            {
                return addresses.ReadIPv6(information);
            }

            if (control->Level == LinuxMessages.LevelIPv4 && control->Type == LinuxMessages.IPv4PacketInfo)
            {
                return addresses.ReadIPv4(information + IPv4InfoAddressOffset);
            }

            int step = Align((int)length);
            at += step;
            left -= step;
        }

        return null;
    }

    private static int Align(int length) => (length + ControlAlignment - 1) & ~(ControlAlignment - 1);
}
