using System;
using System.Diagnostics;

namespace UdpPS.Sending;

/// <summary>
/// Whether a peer answers so fast that looking for its answer again and again costs less than being woken for it, which takes
/// longer than such an answer.
/// </summary>
internal sealed class PromptPeer
{
    private static readonly long LongestPatience = Stopwatch.Frequency / 10_000;

    // With one processor the peer, if it is on this machine, could not answer meanwhile.
    private static readonly bool HasProcessorToSpare = Environment.ProcessorCount > 1;

    private long _lastRoundTrip = long.MaxValue;

    /// <summary>How long to look before waiting, in ticks of the monotonic clock; 0 to wait at once.</summary>
    internal long Patience => HasProcessorToSpare && _lastRoundTrip < LongestPatience ? LongestPatience : 0;

    /// <summary>Notes how a message was settled.</summary>
    internal void Note(UdpSentMessage message) =>
        _lastRoundTrip = message is { Reply: { IsTimed: true } reply, Attempts: 1 }
            ? reply.Timestamp - message.LastSentTimestamp
            : long.MaxValue;
}
