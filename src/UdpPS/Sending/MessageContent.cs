namespace UdpPS.Sending;

/// <summary>What is sent: the bytes, and the text they stand for where it is known.</summary>
/// <param name="Bytes">The payload.</param>
/// <param name="Text">The text it was made of; null when bytes were given.</param>
internal readonly record struct MessageContent(byte[] Bytes, string? Text);
