namespace UdpPS.Listening;

/// <summary>What became of an ack.</summary>
/// <param name="Message">The message it was for.</param>
/// <param name="Ack">Its payload.</param>
/// <param name="IsSent">Whether it left, or is about to.</param>
/// <param name="Suppression">Why it was withheld, if it was; a send that failed is no suppression.</param>
/// <param name="IsNewLoop">Whether it is the first that is withheld in what looks like a loop.</param>
internal readonly record struct AckOutcome(
    UdpMessage Message, byte[] Ack, bool IsSent, AckSuppression Suppression, bool IsNewLoop);
