namespace UdpPS.Listening;

/// <summary>Why a listener ended.</summary>
internal enum ListenerEnd
{
    /// <summary>By itself: it reached a limit.</summary>
    Completed,

    /// <summary>Somebody asked for it.</summary>
    Stopped,

    /// <summary>It could not go on: see <see cref="UdpListener.Failure"/>.</summary>
    Failed,
}
