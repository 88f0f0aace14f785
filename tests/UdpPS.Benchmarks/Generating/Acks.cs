using System;

namespace UdpPS.Benchmarks.Generating;

/// <summary>What every server that is measured must answer.</summary>
internal static class Acks
{
    internal const int TimeoutMilliseconds = 5000;

    internal static ReadOnlySpan<byte> Text => "Message received"u8;

    internal static void Check(ReadOnlySpan<byte> ack)
    {
        if (!ack.SequenceEqual(Text))
        {
            throw new LoadFailedException($"an ack of {ack.Length} bytes is not 'Message received'");
        }
    }
}
