using System;

namespace UdpPS.Sending;

/// <summary>
/// How long each attempt waits for its ack: the first as long as asked, each re-transmission twice as long as the one
/// before, times a random 1 to 1.5 so that many senders do not fall into step (RFC 8085 section 3.1.1, RFC 7252 section 4.2).
/// </summary>
internal sealed class RetrySchedule
{
    private const double BackOff = 2;
    private const double MaximumJitter = 1.5;

    private readonly double _firstWaitSeconds;
    private readonly int _maximumRetries;
    private readonly Random _random;

    /// <param name="firstWaitSeconds">0 waits without limit.</param>
    /// <param name="maximumRetries">Re-transmissions after the first attempt.</param>
    /// <param name="random">The source of the jitter.</param>
    internal RetrySchedule(double firstWaitSeconds, int maximumRetries, Random random)
    {
        _firstWaitSeconds = firstWaitSeconds;
        _maximumRetries = maximumRetries;
        _random = random;
    }

    /// <summary>How long the first attempt waits; 0 without limit.</summary>
    internal double FirstWait => _firstWaitSeconds;

    /// <summary>How often a message can be sent in all.</summary>
    internal int MaximumAttempts => _firstWaitSeconds > 0 ? _maximumRetries + 1 : 1;

    /// <param name="waitsSoFar">How many attempts have waited.</param>
    /// <returns>Whether there is a next one. After a wait without limit there is none.</returns>
    internal bool AllowsRetry(int waitsSoFar) => waitsSoFar < MaximumAttempts;

    /// <summary>How long the next attempt waits, in seconds.</summary>
    internal double NextWait(double lastWait) => lastWait * BackOff * (1 + (_random.NextDouble() * (MaximumJitter - 1)));
}
