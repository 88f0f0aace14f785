using System;

namespace UdpPS.Benchmarks.Processes;

/// <summary>Something that was to be measured did not do what it must: there is no result.</summary>
internal sealed class BenchmarkException(string message) : Exception(message);
