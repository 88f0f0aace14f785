namespace UdpPS.Sending;

/// <summary>How a message waits for its ack.</summary>
/// <param name="Attempt">Which attempt it is, from 1.</param>
/// <param name="MaximumAttempts">How many there can be.</param>
/// <param name="Seconds">How long this attempt waits; 0 without limit.</param>
/// <param name="End">Until when.</param>
internal readonly record struct AckWait(int Attempt, int MaximumAttempts, double Seconds, Deadline End);
