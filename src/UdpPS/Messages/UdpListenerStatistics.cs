namespace UdpPS;

/// <summary>
/// What a listener has counted since it started. Every datagram that reached the socket is in exactly one of
/// <see cref="Received"/>, <see cref="Dropped"/> and <see cref="Denied"/>, except those that came when the listener was about
/// to end and took no more: they were never acknowledged, and the warning at its end counts them.
/// </summary>
public sealed class UdpListenerStatistics
{
    /// <summary>Datagrams read and queued for the pipeline, and <see cref="Duplicates"/>.</summary>
    public long Received { get; internal init; }

    /// <summary>Messages that the pipeline took.</summary>
    public long Delivered { get; internal init; }

    /// <summary>Acks sent.</summary>
    public long Acknowledged { get; internal init; }

    /// <summary>
    /// Datagrams lost, and never acknowledged: the queue was full, or (counted on Linux) the system's socket buffer was.
    /// </summary>
    public long Dropped { get; internal init; }

    /// <summary>Datagrams from addresses outside -AllowFrom, dropped before any work was done for them.</summary>
    public long Denied { get; internal init; }

    /// <summary>Acks that were due and were held back, so that the listener cannot be made to loop or be used against others.</summary>
    public long SuppressedAcks { get; internal init; }

    /// <summary>Repeated datagrams inside the duplicate window: acknowledged again, not emitted again.</summary>
    public long Duplicates { get; internal init; }

    /// <summary>Socket errors that the listener survived.</summary>
    public long Errors { get; internal init; }
}
