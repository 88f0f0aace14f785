using System;

namespace UdpPS.Tests.Faults;

/// <summary>What a link does to datagrams. Each probability is from 0 to 1, and each copy of a datagram is delayed by itself.</summary>
internal sealed record LinkFaults
{
    internal double Drop { get; init; }

    internal double Duplicate { get; init; }

    /// <summary>The probability that one byte is another on arrival.</summary>
    internal double Corrupt { get; init; }

    /// <summary>The probability of a delay; what follows overtakes.</summary>
    internal double Delay { get; init; }

    internal TimeSpan MaximumDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Whether only the second copy is ever late: a round trip looks short, and still an answer comes long after it.</summary>
    internal bool DelaysOnlyDuplicates { get; init; }
}
