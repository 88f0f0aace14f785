namespace UdpPS.Sockets;

/// <summary>Waits on many sockets at once. Filled anew for every wait. Not thread-safe.</summary>
internal interface IPoller
{
    void Clear();

    /// <summary>Has the next wait include a socket, which may be there already.</summary>
    void Add(IPeerSocket socket);

    /// <summary>Waits until a socket has something to read or to report, or the time is up.</summary>
    void Wait(int timeoutMilliseconds);

    /// <summary>Whether the wait found something at a socket.</summary>
    /// <param name="index">Which one, in the order of <see cref="Add"/>.</param>
    bool IsReady(int index);
}
