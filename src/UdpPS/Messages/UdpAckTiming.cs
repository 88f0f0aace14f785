namespace UdpPS;

/// <summary>When a listener acknowledges a message.</summary>
public enum UdpAckTiming
{
    /// <summary>After the pipeline took the message: everything downstream has run for it, and nothing threw.</summary>
    Delivered,

    /// <summary>As soon as the message is queued for the pipeline, which may still fail to handle it.</summary>
    Received,
}
