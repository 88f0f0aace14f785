using System;

namespace UdpPS.Listening;

/// <summary>A listener's time from its first message to its end, in the cmdlet and in the job alike.</summary>
internal sealed class ListenerRun
{
    private readonly UdpListener _listener;
    private readonly DeliveryLoop _loop;

    /// <inheritdoc cref="DeliveryLoop(UdpListener, IMessageConsumer, DeliveryLimits, IDeliveryWatcher)"/>
    internal ListenerRun(
        UdpListener listener, IMessageConsumer consumer, DeliveryLimits limits, IDeliveryWatcher? watcher = null)
    {
        _listener = listener;
        _loop = new DeliveryLoop(listener, consumer, limits, watcher);
    }

    /// <summary>Messages that had been received when the listener ended, and were not delivered.</summary>
    internal long Undelivered => _loop.Abandoned + _listener.Waiting;

    /// <summary>Delivers until the end, and closes the listener, which frees the port.</summary>
    /// <param name="isStopRequested">Whether somebody has asked for the end.</param>
    internal ListenerEnd Run(Func<bool> isStopRequested)
    {
        _loop.Run();

        // In this order: a stop that is asked for in between is no failure.
        bool isStopped = _listener.IsStopped;
        ListenerEnd end = isStopRequested() ? ListenerEnd.Stopped : isStopped ? ListenerEnd.Failed : ListenerEnd.Completed;
        _listener.Dispose();
        return end;
    }
}
