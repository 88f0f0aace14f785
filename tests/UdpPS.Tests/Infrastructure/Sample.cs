using System;
using System.Diagnostics;
using System.Net;
using System.Text;

namespace UdpPS.Tests.Infrastructure;

/// <summary>Messages as a listener would have received them.</summary>
internal static class Sample
{
    internal static readonly IPAddress Here = IPAddress.Parse("192.0.2.10");

    /// <param name="from">The sender, as address:port or [address]:port.</param>
    /// <param name="text">The payload.</param>
    /// <param name="at">When it came, in seconds on a clock of the test's own; null for now.</param>
    internal static UdpMessage Message(string from, string text, double? at = null) => new(
        Encoding.UTF8.GetBytes(text),
        IPEndPoint.Parse(from),
        Here,
        4010,
        sequence: 1,
        DateTime.UtcNow,
        at is { } seconds ? Ticks(seconds) : Stopwatch.GetTimestamp(),
        Encoding.UTF8);

    internal static long Ticks(double seconds) => (long)(seconds * Stopwatch.Frequency);
}
