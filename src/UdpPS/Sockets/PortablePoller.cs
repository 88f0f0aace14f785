using System;
using System.Collections.Generic;
using System.Net.Sockets;

namespace UdpPS.Sockets;

/// <summary>Waits on many sockets by <see cref="Socket.Select(System.Collections.IList, System.Collections.IList, System.Collections.IList, int)"/>.</summary>
internal sealed class PortablePoller : IPoller
{
    private readonly List<Socket> _sockets = new();
    private readonly List<Socket> _readable = new();
    private readonly List<Socket> _failed = new();
    private readonly HashSet<Socket> _distinct = new();

    public void Clear() => _sockets.Clear();

    public void Add(IPeerSocket socket) => _sockets.Add(((PortablePeerSocket)socket.Polled).Socket);

    public void Wait(int timeoutMilliseconds)
    {
        _readable.Clear();
        _failed.Clear();
        _distinct.Clear();
        foreach (Socket socket in _sockets)
        {
            if (_distinct.Add(socket))
            {
                _readable.Add(socket);
                _failed.Add(socket);
            }
        }

        try
        {
            if (_readable.Count == 1)
            {
                // Ends for a report too, but does not say so.
                _sockets[0].Poll(timeoutMilliseconds * 1000, SelectMode.SelectRead);
                return;
            }

            if (_readable.Count > 1)
            {
                Socket.Select(_readable, null, _failed, timeoutMilliseconds * 1000);
            }
        }
        catch (Exception exception) when (exception is ObjectDisposedException or SocketException)
        {
            // Another thread has closed one of them. A look at each tells which.
            return;
        }

        _distinct.Clear();
        _distinct.UnionWith(_readable);
        _distinct.UnionWith(_failed);
    }

    public bool IsReady(int index) => _distinct.Contains(_sockets[index]);
}
