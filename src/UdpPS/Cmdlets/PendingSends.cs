using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using UdpPS.Sending;

namespace UdpPS.Commands;

/// <summary>The messages that a command has set aside, until the names of their servers are known. Not thread-safe.</summary>
internal sealed class PendingSends
{
    // With messages of the largest size these are 64 MiB.
    private const int Maximum = 1024;
    private const double SliceSeconds = 0.02;

    private readonly List<PendingSend> _sends = new();
    private readonly CancellationToken _stop;

    /// <param name="stop">Ends waits.</param>
    internal PendingSends(CancellationToken stop) => _stop = stop;

    internal bool IsEmpty => _sends.Count == 0;

    internal bool IsFull => _sends.Count >= Maximum;

    internal void Add(PendingSend send) => _sends.Add(send);

    /// <summary>Whether a message to the same server waits: messages to one server stay in their order.</summary>
    internal bool HasOneTo(ResolvedServer server) =>
        _sends.Count > 0 && _sends.Exists(
            other => string.Equals(other.Server.Name.Name, server.Name.Name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a message of a request waits.</summary>
    internal bool HasOneOf(SendRequest request) => _sends.Exists(send => ReferenceEquals(send.Request, request));

    /// <summary>Takes the first message whose server is known.</summary>
    internal bool TryTakeReady(out PendingSend send)
    {
        int index = _sends.FindIndex(one => one.Server.IsKnown);
        send = index < 0 ? default! : _sends[index];
        if (index >= 0)
        {
            _sends.RemoveAt(index);
        }

        return index >= 0;
    }

    /// <summary>
    /// Waits until another name is known, for a moment at most. Commands further down the pipeline that wait for acks get a turn:
    /// they do not run meanwhile.
    /// </summary>
    /// <param name="end">When to stop waiting at the latest.</param>
    /// <exception cref="PipelineStoppedException">The user wants to stop.</exception>
    internal void Wait(Deadline end)
    {
        Task[] lookUps = _sends.Where(send => !send.Server.IsKnown)
            .Select(send => send.Server.LookUp!.Completion)
            .Distinct()
            .ToArray();
        if (lookUps.Length == 0)
        {
            return;
        }

        try
        {
            Task.WaitAny(lookUps, (int)Math.Min(end.RemainingMilliseconds, SliceSeconds * 1000), _stop);
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }

        AckCollector.LookOnThisThread();
    }
}
