using System;
using System.Buffers;
using System.Buffers.Text;

namespace UdpPS.Benchmarks.Generating;

/// <summary>A message: its number in 20 digits, and padding.</summary>
internal static class Payload
{
    internal const int Length = 64;

    private static readonly StandardFormat TwentyDigits = new('D', 20);

    internal static void Write(Span<byte> to, long number) => Utf8Formatter.TryFormat(number, to, out _, TwentyDigits);
}
