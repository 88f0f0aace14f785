namespace UdpPS.Listening;

/// <summary>Told how a delivery goes on, also while nothing comes. Called from the delivering thread only.</summary>
internal interface IDeliveryProgress
{
    /// <summary>Seconds for which it need not be told anything while nothing comes; 0 for as long as that is so.</summary>
    double IntervalSeconds { get; }

    /// <summary>Told after every message, and after each interval without one.</summary>
    /// <param name="delivered">Messages so far.</param>
    /// <param name="end">When the delivery will end, whatever comes.</param>
    void Report(long delivered, Deadline end);
}
