using System;
using System.Globalization;
using UdpPS.Benchmarks.Processes;
using UdpPS.Benchmarks.Roles;

namespace UdpPS.Benchmarks.Scenarios;

/// <summary>A sender in a process of its own that says how long it took for so many messages.</summary>
internal sealed class Timed : IDisposable
{
    private readonly PeerProcess _process;

    internal Timed(string name, PeerProcess process)
    {
        Name = name;
        _process = process;
        process.ReadReady();
    }

    internal string Name { get; }

    internal long PeakWorkingSet => _process.PeakWorkingSet;

    internal static Timed Script(string name, string script, int port) => new(
        name, PeerProcess.StartRole(RoleProgram.Time, script, port.ToString(CultureInfo.InvariantCulture)));

    /// <returns>The seconds.</returns>
    internal double Run(long count)
    {
        _process.Type(count.ToString(CultureInfo.InvariantCulture));
        return _process.ReadSeconds();
    }

    /// <summary>Warms it up, and measures messages per second from then on.</summary>
    internal Contender Warm(BenchmarkOptions options, int messages)
    {
        Run(messages);
        double rate = messages / Run(messages);
        int count = (int)Math.Max(1000, rate * options.Seconds);
        return new Contender(Name, () => [count / Run(count)]);
    }

    /// <inheritdoc/>
    public void Dispose() => _process.Dispose();
}
