using System.Diagnostics;
using System.Net;

namespace UdpPS.Listening;

/// <summary>
/// Finds endpoints that answer our acks: the same payload again and again, each one right after an ack. Two listeners with
/// different acks and one forged datagram between them would do so for ever (CVE-2024-2169 is of this kind).
/// </summary>
/// <remarks>
/// Only the time between an ack and the next message tells a loop from a heartbeat with the same text, which comes when its
/// own clock says. A fast loop is recognized soon; a slow one, over a long path, harms less and is given more time.
/// </remarks>
internal sealed class LoopBreaker
{
    private const int MaximumFastSteps = 8;
    private const int MaximumSlowSteps = 64;
    private const double FastStepSeconds = 0.010;
    private const double SlowStepSeconds = 0.080;
    private const double PauseSeconds = 5;

    // Remembered endpoints: a fixed table, so that a flood from forged addresses costs no memory.
    private const int SlotBits = 13;

    private readonly Entry[] _entries = new Entry[1 << SlotBits];

    private readonly uint _factor = (uint)HashSecret.Create();

    /// <summary>Judges an ack that is about to leave, and remembers it.</summary>
    /// <param name="message">What it acknowledges.</param>
    /// <param name="now">The time, on the monotonic clock.</param>
    /// <param name="isNew">Whether this is the first ack that is held back in this loop.</param>
    /// <returns>False when the ack must not leave.</returns>
    internal bool Allows(UdpMessage message, long now, out bool isNew)
    {
        isNew = false;
        IPEndPoint remote = message.RemoteEndPoint;
        ref Entry entry = ref _entries[SlotOf(remote)];
        bool isSamePeer = ReferenceEquals(remote, entry.Remote) || remote.Equals(entry.Remote);
        if (!isSamePeer || !message.Bytes.SequenceIs(entry.Payload))
        {
            entry = new Entry { Remote = remote, Payload = message.Bytes, LastAck = now };
            return true;
        }

        if (now < entry.PausedUntil)
        {
            return false;
        }

        // What came before the last ack left cannot be its echo.
        double sinceAck = (message.ReceivedTimestamp - entry.LastAck) / (double)Stopwatch.Frequency;
        entry.LastAck = now;
        entry.FastSteps = sinceAck is >= 0 and < FastStepSeconds ? entry.FastSteps + 1 : 0;
        entry.SlowSteps = sinceAck is >= 0 and < SlowStepSeconds ? entry.SlowSteps + 1 : 0;
        if (entry.FastSteps < MaximumFastSteps && entry.SlowSteps < MaximumSlowSteps)
        {
            return true;
        }

        entry.FastSteps = 0;
        entry.SlowSteps = 0;
        entry.PausedUntil = now + (long)(PauseSeconds * Stopwatch.Frequency);
        isNew = true;
        return false;
    }

    private uint SlotOf(IPEndPoint remote) => unchecked((uint)remote.GetHashCode() * _factor) >> (32 - SlotBits);

    private struct Entry
    {
        internal IPEndPoint? Remote;
        internal byte[]? Payload;
        internal long LastAck;
        internal long PausedUntil;
        internal int FastSteps;
        internal int SlowSteps;
    }
}
