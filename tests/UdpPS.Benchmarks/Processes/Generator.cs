using System;

namespace UdpPS.Benchmarks.Processes;

/// <summary>The load generator, in its own process.</summary>
internal sealed class Generator : IDisposable
{
    private readonly PeerProcess _process = PeerProcess.StartRole(Roles.RoleProgram.Generate);

    internal Generator() => _process.ReadReady();

    internal int Id => _process.Id;

    /// <summary>Exchanges so many messages, and checks each ack.</summary>
    /// <param name="port">The server's port on loopback.</param>
    /// <param name="window">How many messages are in flight.</param>
    /// <param name="count">How many messages are sent.</param>
    /// <param name="senders">From how many addresses; 0 is one connected socket, the fastest way.</param>
    /// <returns>The seconds, and for a window of one the round trips' p50, p99 and p99.9 in microseconds.</returns>
    internal double[] Exchange(int port, int window, long count, int senders = 0) =>
        _process.Ask($"exchange {port} {window} {count} {senders}");

    /// <summary>Sends one message, waits a little, and sends so many more as fast as it can.</summary>
    internal void Burst(int port, int count)
    {
        _process.Type($"burst {port} {count}");
        _process.ReadAfter("sent");
    }

    /// <inheritdoc/>
    public void Dispose() => _process.Dispose();
}
