using System;
using UdpPS.Benchmarks.Processes;

namespace UdpPS.Benchmarks.Scenarios;

/// <summary>A server that runs, and is driven by the generator.</summary>
internal sealed class Server : IDisposable
{
    internal Server(string name, PeerProcess process)
    {
        Name = name;
        Process = process;
        Port = process.ReadPort();
    }

    internal string Name { get; }

    internal PeerProcess Process { get; }

    internal int Port { get; }

    /// <inheritdoc/>
    public void Dispose() => Process.Dispose();
}
