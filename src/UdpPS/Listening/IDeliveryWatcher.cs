namespace UdpPS.Listening;

/// <summary>Told how a delivery goes on, also while nothing comes. Called from the delivering thread only.</summary>
internal interface IDeliveryWatcher
{
    /// <summary>How long it may be left alone while nothing comes.</summary>
    int PatienceMilliseconds { get; }

    /// <summary>Told after every message, and when its patience is over.</summary>
    /// <param name="delivered">Messages so far.</param>
    /// <param name="end">When the delivery will end, whatever comes.</param>
    void Note(long delivered, Deadline end);
}
