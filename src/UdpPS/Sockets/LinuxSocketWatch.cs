using System;
using System.Net.Sockets;

namespace UdpPS.Sockets;

/// <summary>Waits on many sockets by poll(2), over memory that is used again.</summary>
/// <remarks>Its user sees to it that none of the sockets is closed during a wait.</remarks>
internal sealed unsafe class LinuxSocketWatch : ISocketWatch
{
    private LinuxPeerCalls.PollEntry[] _entries = new LinuxPeerCalls.PollEntry[1];
    private int _count;

    public void Clear() => _count = 0;

    public void Add(Socket socket)
    {
        if (_count == _entries.Length)
        {
            Array.Resize(ref _entries, _count * 2);
        }

        _entries[_count++] = new LinuxPeerCalls.PollEntry { Socket = (int)socket.Handle, Events = LinuxPeerCalls.PollReadable };
    }

    public void Wait(int timeoutMilliseconds)
    {
        fixed (LinuxPeerCalls.PollEntry* entries = _entries)
        {
            // A signal ends it early: then nothing is ready, and the next wait will tell.
            _ = LinuxPeerCalls.Poll(entries, (UIntPtr)_count, timeoutMilliseconds);
        }
    }

    public bool IsReady(int index) => _entries[index].Returned != 0;
}
