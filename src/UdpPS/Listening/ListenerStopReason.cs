namespace UdpPS.Listening;

/// <summary>Why a listener ended.</summary>
internal enum ListenerStopReason
{
    /// <summary>By itself: it reached a limit.</summary>
    LimitReached,

    /// <summary>Somebody asked for it.</summary>
    Requested,

    /// <summary>It could not go on: see <see cref="UdpListener.Failure"/>.</summary>
    Failed,
}
