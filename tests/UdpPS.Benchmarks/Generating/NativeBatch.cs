using System;
using System.Runtime.InteropServices;
using UdpPS.Sockets;

namespace UdpPS.Benchmarks.Generating;

/// <summary>Memory for one batch of datagrams in the kernel's layout, made once: no message costs an allocation.</summary>
internal sealed unsafe class NativeBatch : IDisposable
{
    internal const int Length = 64;

    private readonly void* _memory;
    private readonly byte* _payloads;
    private readonly int _payloadLength;

    internal NativeBatch(int payloadLength)
    {
        _payloadLength = payloadLength;
        nuint each = (nuint)(sizeof(LinuxMessages.MultiMessage) + sizeof(LinuxMessages.IoVector) + payloadLength);
        _memory = NativeMemory.AllocZeroed(Length, each);
        Messages = (LinuxMessages.MultiMessage*)_memory;
        var vectors = (LinuxMessages.IoVector*)(Messages + Length);
        _payloads = (byte*)(vectors + Length);
        for (int i = 0; i < Length; i++)
        {
            vectors[i].Base = _payloads + (i * payloadLength);
            vectors[i].Length = (nuint)payloadLength;
            Messages[i].Header.Vectors = vectors + i;
            Messages[i].Header.VectorCount = 1;
        }
    }

    internal LinuxMessages.MultiMessage* Messages { get; }

    /// <summary>The whole slot.</summary>
    internal Span<byte> Payload(int index) => new(_payloads + (index * _payloadLength), _payloadLength);

    /// <summary>What was received into the slot.</summary>
    internal ReadOnlySpan<byte> Received(int index) => Payload(index)[..(int)Messages[index].Length];

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.Free(_memory);
}
