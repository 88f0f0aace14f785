using System;
using System.Runtime.InteropServices;
using UdpPS.Sockets;

namespace UdpPS.Benchmarks.Generating;

/// <summary>
/// Makes the datagrams of one socket come from many addresses of loopback in turn (IP_PKTINFO): as many senders as wanted,
/// at the price of one, and without their file descriptors.
/// </summary>
internal sealed unsafe class SourceAddresses : IDisposable
{
    private const int NameLength = 16; // sizeof(sockaddr_in)
    private const int HeaderLength = 16; // sizeof(cmsghdr)
    private const int InfoLength = 12; // sizeof(in_pktinfo)
    private const int SourceOffset = HeaderLength + 4; // ipi_spec_dst
    private const int ControlLength = 32; // CMSG_SPACE(sizeof(in_pktinfo))

    private readonly byte* _memory;
    private readonly int _count;

    internal SourceAddresses(NativeBatch batch, int port, int count)
    {
        _count = count;
        _memory = (byte*)NativeMemory.AllocZeroed((nuint)(NameLength + (ControlLength * NativeBatch.Length)));
        *(ushort*)_memory = LinuxMessages.AddressFamilyIPv4;
        _memory[2] = (byte)(port >> 8);
        _memory[3] = (byte)port;
        _memory[4] = 127;
        _memory[7] = 1;
        for (int i = 0; i < NativeBatch.Length; i++)
        {
            byte* control = Control(i);
            var header = (LinuxMessages.ControlHeader*)control;
            header->Length = HeaderLength + InfoLength;
            header->Level = LinuxMessages.LevelIPv4;
            header->Type = LinuxMessages.IPv4PacketInfo;
            batch.Messages[i].Header.Name = _memory;
            batch.Messages[i].Header.NameLength = NameLength;
            batch.Messages[i].Header.Control = control;
            batch.Messages[i].Header.ControlLength = ControlLength;
        }
    }

    internal void Write(int index, long number)
    {
        int sender = (int)(number % _count);
        byte* source = Control(index) + SourceOffset;
        source[0] = 127;
        source[1] = 1;
        source[2] = (byte)(sender >> 8);
        source[3] = (byte)sender;
    }

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.Free(_memory);

    private byte* Control(int index) => _memory + NameLength + (index * ControlLength);
}
