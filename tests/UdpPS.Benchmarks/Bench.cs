using System;
using UdpPS.Benchmarks.Processes;
using UdpPS.Benchmarks.Reporting;

namespace UdpPS.Benchmarks;

/// <summary>What every scenario works with.</summary>
internal sealed class Bench(BenchmarkOptions options) : IDisposable
{
    internal BenchmarkOptions Options { get; } = options;

    internal Programs Programs { get; } = new();

    internal Generator Generator { get; } = new();

    internal Targets Targets { get; } = new();

    internal BarChart Chart { get; } = new();

    /// <summary>For who waits: the results alone are on the standard output.</summary>
    internal static void Progress(string what) => Console.Error.WriteLine(what);

    /// <inheritdoc/>
    public void Dispose()
    {
        Generator.Dispose();
        Programs.Dispose();
    }
}
