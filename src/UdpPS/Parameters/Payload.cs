using System;

namespace UdpPS.Parameters;

/// <summary>What is sent, or why an object cannot be sent.</summary>
/// <param name="Bytes">The payload.</param>
/// <param name="Text">The text it was made of; null when bytes were given.</param>
/// <param name="Fault">Why there is none.</param>
/// <param name="Source">The object that has none.</param>
/// <param name="Exception">What went wrong, if something threw.</param>
internal readonly record struct Payload(
    byte[] Bytes, string? Text, PayloadFault Fault = PayloadFault.None, object? Source = null, Exception? Exception = null)
{
    internal static Payload Faulty(PayloadFault fault, object? source, Exception? exception = null) =>
        new(Array.Empty<byte>(), string.Empty, fault, source, exception);
}
