using System.Diagnostics;
using System.Net;

namespace UdpPS.Listening;

/// <summary>
/// Ends loops between two listeners with different acks, which one forged datagram would start (CVE-2024-2169 is of this
/// kind). An endpoint that sends the same payload again within a second of our ack to it, in step, may be such a listener, or
/// a client in a loop. Of the acks in a row to such an endpoint every 1,000th is withheld, to loopback every 100,000th: that
/// ends a loop, since nothing else sends its datagram on, and costs a client one retry. Not thread-safe.
/// </summary>
internal sealed class LoopRule
{
    private const int AcksBetweenWithheld = 1_000;
    private const int AcksBetweenWithheldOnLoopback = 100_000;

    // A fixed table, so that a flood from forged endpoints costs no memory. An endpoint has one of four places in its set; the
    // one that was acknowledged longest ago gives way.
    private const int SetBits = 12;
    private const int PlacesInSet = 4;

    private readonly Entry[] _entries = new Entry[PlacesInSet << SetBits];
    private readonly KeyedHash _hash = new();

    /// <summary>Decides on an ack that is about to leave, and remembers it.</summary>
    /// <param name="message">What it acknowledges.</param>
    /// <param name="now">The time, on the monotonic clock.</param>
    /// <param name="isNew">Whether this is the first ack that is withheld from this endpoint for this payload.</param>
    /// <returns>False when the ack must not leave.</returns>
    internal bool Allows(UdpMessage message, long now, out bool isNew)
    {
        IPEndPoint remote = message.RemoteEndPoint;
        ulong payload = _hash.Compute(message.Bytes);
        ref Entry entry = ref Find(_hash.Compute(remote));
        if (entry.LastAck == 0 || entry.Payload != payload)
        {
            entry.Payload = payload;
            entry.HasWarned = false;
            entry.InStep = 0;
        }
        else
        {
            // What came before the last ack left is no reply to it, and still part of the row: several datagrams may loop at once.
            entry.InStep = message.ReceivedTimestamp - entry.LastAck < Stopwatch.Frequency ? entry.InStep + 1 : 0;
        }

        int between = IPAddress.IsLoopback(remote.Address) ? AcksBetweenWithheldOnLoopback : AcksBetweenWithheld;
        bool isWithheld = entry.InStep == between;
        isNew = isWithheld && !entry.HasWarned;
        if (isWithheld)
        {
            entry.HasWarned = true;
            entry.InStep = 0;
        }
        else
        {
            entry.LastAck = now;
        }

        return !isWithheld;
    }

    private ref Entry Find(ulong endPoint)
    {
        int first = (int)(endPoint >> (64 - SetBits)) * PlacesInSet;
        int oldest = first;
        for (int i = first; i < first + PlacesInSet; i++)
        {
            if (_entries[i].EndPoint == endPoint)
            {
                return ref _entries[i];
            }

            if (_entries[i].LastAck < _entries[oldest].LastAck)
            {
                oldest = i;
            }
        }

        _entries[oldest] = new Entry { EndPoint = endPoint };
        return ref _entries[oldest];
    }

    private struct Entry
    {
        internal ulong EndPoint;
        internal ulong Payload;
        internal long LastAck;
        internal int InStep;
        internal bool HasWarned;
    }
}
