namespace UdpPS.Sending;

/// <summary>A message that nobody will ask about, on its way.</summary>
/// <param name="Server">The server as it was given.</param>
/// <param name="Payload">The datagram.</param>
/// <param name="Source">What the user gave as the message, for its error.</param>
internal readonly record struct OneWayMessage(ResolvedServer Server, byte[] Payload, object? Source);
