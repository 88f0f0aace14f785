using System;

namespace UdpPS.Benchmarks.Generating;

/// <summary>An ack is missing or wrong: what was measured is worth nothing.</summary>
internal sealed class LoadFailedException(string message) : Exception(message);
