using System;

namespace UdpPS.Sockets;

/// <summary>Waits on many sockets by poll(2), over memory that is used again.</summary>
internal sealed unsafe class LinuxPoller : IPoller
{
    private LinuxCalls.PollEntry[] _entries = new LinuxCalls.PollEntry[1];
    private int _count;

    public void Clear() => _count = 0;

    public void Add(IPeerSocket socket)
    {
        if (_count == _entries.Length)
        {
            Array.Resize(ref _entries, _count * 2);
        }

        _entries[_count++] = new LinuxCalls.PollEntry
        {
            Socket = ((LinuxPeerSocket)socket.Polled).Descriptor,
            Events = LinuxCalls.Readable,
        };
    }

    public void Wait(int timeoutMilliseconds)
    {
        fixed (LinuxCalls.PollEntry* entries = _entries)
        {
            // A signal ends it early: then nothing is ready, and the next wait will tell.
            _ = LinuxCalls.Poll(entries, (UIntPtr)_count, timeoutMilliseconds);
        }
    }

    public bool IsReady(int index) => _entries[index].Returned != 0;
}
