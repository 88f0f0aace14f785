using System;
using System.Collections.Generic;
using System.Threading;

namespace UdpPS.Listening;

/// <summary>
/// The hand-over from the thread that receives to the one that delivers, while these are two. One thread adds, one takes;
/// <see cref="Backlog"/> bounds what it holds.
/// </summary>
internal sealed class MessageQueue
{
    private readonly object _lock = new();
    private readonly Queue<UdpMessage> _messages = new();
    private bool _isFed;
    private bool _isClosed;
    private bool _isTakerWaiting;

    internal int Count
    {
        get
        {
            lock (_lock)
            {
                return _messages.Count;
            }
        }
    }

    /// <summary>Whether a taker waits, and everything that was added has been taken.</summary>
    internal bool IsTakerIdle
    {
        get
        {
            lock (_lock)
            {
                return _isTakerWaiting && _messages.Count == 0;
            }
        }
    }

    /// <summary>Somebody adds from now on: a taker may wait for it.</summary>
    internal void BeginFeeding()
    {
        lock (_lock)
        {
            _isFed = true;
        }
    }

    /// <summary>Nobody adds any more: a taker that waits gives up.</summary>
    internal void EndFeeding()
    {
        lock (_lock)
        {
            _isFed = false;
            WakeTaker();
        }
    }

    /// <summary>Adds messages; never waits.</summary>
    /// <returns>False when the queue is closed: the messages are the caller's to count.</returns>
    internal bool TryAdd(UdpMessage[] messages, int count)
    {
        lock (_lock)
        {
            if (_isClosed)
            {
                return false;
            }

            for (int i = 0; i < count; i++)
            {
                _messages.Enqueue(messages[i]);
            }

            WakeTaker();
            return true;
        }
    }

    /// <summary>Takes up to <paramref name="maximum"/> messages, waiting for the first while somebody adds.</summary>
    /// <returns>How many; 0 when none came in time, or none will come.</returns>
    internal int Take(UdpMessage[] into, int maximum, int timeoutMilliseconds)
    {
        lock (_lock)
        {
            if (_messages.Count == 0 && timeoutMilliseconds > 0)
            {
                WaitForMessage(timeoutMilliseconds);
            }

            int count = Math.Min(maximum, _messages.Count);
            for (int i = 0; i < count; i++)
            {
                into[i] = _messages.Dequeue();
            }

            return count;
        }
    }

    /// <summary>Takes no more messages in and ends every wait. What is queued can still be taken.</summary>
    internal void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            WakeTaker();
        }
    }

    private void WaitForMessage(int timeoutMilliseconds)
    {
        Deadline deadline = Deadline.After(timeoutMilliseconds / 1000.0);
        while (_messages.Count == 0 && _isFed && !_isClosed && deadline.RemainingMilliseconds is > 0 and int remaining)
        {
            _isTakerWaiting = true;
            Monitor.Wait(_lock, remaining);
            _isTakerWaiting = false;
        }
    }

    private void WakeTaker()
    {
        if (_isTakerWaiting)
        {
            Monitor.Pulse(_lock);
        }
    }
}
