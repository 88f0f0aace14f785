using System;
using System.Collections.Generic;

namespace UdpPS.Listening;

/// <summary>
/// The messages between a socket and their reader: those that wait to be delivered and, where the output is kept, those that
/// nobody has read. It decides whether another one is taken in, before any ack. Not thread-safe.
/// </summary>
internal sealed class Backlog
{
    /// <summary>The payload that it holds at most, in bytes.</summary>
    internal const long MaximumBytes = 64 * 1024 * 1024;

    private readonly Queue<int> _unread = new();
    private readonly int _maximumCount;
    private Func<int>? _countUnread;
    private int _count;
    private long _bytes;
    private bool _wasOutputFull;

    /// <param name="maximumCount">How many messages it holds at most.</param>
    internal Backlog(int maximumCount) => _maximumCount = maximumCount;

    /// <summary>Whether <see cref="TryTakeNotice"/> has something to tell.</summary>
    internal bool IsNoticeDue { get; private set; }

    /// <summary>Whether messages are held until they are read, and not only until they are delivered.</summary>
    internal bool IsKept => _countUnread is not null;

    /// <summary>Holds messages until they are read from where they are delivered to. Called before the first is added.</summary>
    /// <param name="countUnread">How many of those that were delivered nobody has read. Messages are read in order.</param>
    internal void KeepUntilRead(Func<int> countUnread) => _countUnread = countUnread;

    /// <summary>Takes a message in.</summary>
    /// <param name="length">The length of its payload.</param>
    /// <returns>False when there is no room for it.</returns>
    internal bool TryAdd(int length)
    {
        if (!HasRoom(length))
        {
            ReleaseRead();
            if (!HasRoom(length))
            {
                NoteFullOutput();
                return false;
            }
        }

        _count++;
        _bytes += length;
        return true;
    }

    /// <summary>A message that was taken in is being delivered.</summary>
    internal void BeginDelivery(int length)
    {
        if (!IsKept)
        {
            Remove(length);
        }
    }

    /// <summary>A message has been delivered, where messages are held until they are read.</summary>
    internal void EndDelivery(int length) => _unread.Enqueue(length);

    /// <summary>A message that was taken in will not be delivered.</summary>
    internal void Remove(int length)
    {
        _count--;
        _bytes -= length;
    }

    /// <summary>Whether messages are dropped because nobody reads the output, told once until somebody does.</summary>
    internal bool TryTakeNotice()
    {
        bool isDue = IsNoticeDue;
        IsNoticeDue = false;
        return isDue;
    }

    // A payload is never larger than what an empty backlog holds.
    private bool HasRoom(int length) => _count < _maximumCount && _bytes + length <= MaximumBytes;

    private void ReleaseRead()
    {
        int unread = _countUnread?.Invoke() ?? 0;
        while (_unread.Count > unread)
        {
            _count--;
            _bytes -= _unread.Dequeue();
            _wasOutputFull = false;
        }
    }

    private void NoteFullOutput()
    {
        if (_unread.Count > 0 && !_wasOutputFull)
        {
            _wasOutputFull = true;
            IsNoticeDue = true;
        }
    }
}
