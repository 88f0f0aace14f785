namespace UdpPS.Commands;

/// <summary>What one record of the pipeline, or one line, asks to send.</summary>
/// <param name="Servers">To whom: names or addresses.</param>
/// <param name="Port">Their port.</param>
/// <param name="Input">What, as it was given: <see cref="MessageInput"/> makes payloads of it.</param>
internal readonly record struct SendRequest(string[] Servers, int Port, object Input);
