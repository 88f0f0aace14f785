using System.Collections.Generic;
using System.Diagnostics;

namespace UdpPS.Commands;

/// <summary>
/// Messages that wait to be sent together. How many may wait depends on how fast the pipeline takes what was sent: one that
/// does something with each message, or waits between them, gets them one by one, as they are sent.
/// </summary>
internal sealed class MessageBatch
{
    private const int MaximumLength = 64;

    private static readonly long QuickTicks = Stopwatch.Frequency / 50_000;

    private readonly List<UdpSentMessage> _messages = new();
    private int _length = 1;

    /// <summary>Whether it is time to send.</summary>
    internal bool IsFull => _messages.Count >= _length;

    internal IReadOnlyList<UdpSentMessage> Messages => _messages;

    internal void Add(UdpSentMessage message) => _messages.Add(message);

    internal void Clear() => _messages.Clear();

    /// <summary>Notes how long the pipeline took for messages.</summary>
    /// <param name="count">How many.</param>
    /// <param name="ticks">Of the monotonic clock.</param>
    /// <param name="mayGrow">Whether messages may be sent together at all, so far.</param>
    internal void Note(int count, long ticks, bool mayGrow)
    {
        bool isQuick = mayGrow && ticks <= count * QuickTicks;
        _length = !isQuick ? 1 : _length < MaximumLength ? _length * 2 : MaximumLength;
    }
}
