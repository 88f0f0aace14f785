namespace UdpPS.Sockets;

/// <summary>How long a thread waits at a listening socket before it looks around.</summary>
internal static class SocketWait
{
    /// <summary>
    /// Closing the socket wakes a waiting thread where the system lets it; this bounds the wait where it does not. A wait of
    /// just this length is the cheapest.
    /// </summary>
    internal const int LongestMilliseconds = 400;
}
