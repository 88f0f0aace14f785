namespace UdpPS.Sending;

/// <summary>What the collector has to tell of a message.</summary>
/// <param name="Message">The message.</param>
/// <param name="Ack">An ack; null when it settled without one.</param>
/// <param name="IsSettled">Whether nothing more follows for this message.</param>
internal readonly record struct AckEvent(UdpSentMessage Message, UdpAck? Ack, bool IsSettled);
