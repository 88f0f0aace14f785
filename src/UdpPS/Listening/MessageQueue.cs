using System;
using System.Collections.Generic;
using System.Threading;

namespace UdpPS.Listening;

/// <summary>The bounded hand-over between the thread that empties the socket and the one that delivers.</summary>
internal sealed class MessageQueue
{
    private readonly object _lock = new();
    private readonly Queue<UdpMessage> _messages = new();
    private readonly int _capacity;
    private bool _isClosed;
    private bool _isWaiting;

    internal MessageQueue(int capacity) => _capacity = capacity;

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

    /// <summary>
    /// Adds a message; never waits. What has to be done before a taker can have it is done when there is room for sure.
    /// </summary>
    /// <returns>False when the queue is full or closed: the message is the caller's to count.</returns>
    internal bool TryAdd(UdpMessage message, Action<UdpMessage>? beforeTaken = null)
    {
        lock (_lock)
        {
            if (_isClosed || _messages.Count >= _capacity)
            {
                return false;
            }

            beforeTaken?.Invoke(message);
            _messages.Enqueue(message);
            WakeTaker();
            return true;
        }
    }

    /// <summary>Takes up to <paramref name="maximum"/> messages, waiting for the first.</summary>
    /// <returns>How many; 0 when none came in time, or the queue is closed and empty.</returns>
    internal int Take(UdpMessage[] into, int maximum, int timeoutMilliseconds)
    {
        Deadline deadline = Deadline.After(timeoutMilliseconds / 1000.0);
        lock (_lock)
        {
            while (_messages.Count == 0)
            {
                int remaining = deadline.RemainingMilliseconds;
                if (_isClosed || remaining == 0)
                {
                    return 0;
                }

                _isWaiting = true;
                Monitor.Wait(_lock, remaining);
                _isWaiting = false;
            }

            int count = 0;
            while (count < maximum && _messages.Count > 0)
            {
                into[count++] = _messages.Dequeue();
            }

            return count;
        }
    }

    /// <summary>Takes no more messages and ends every wait. What is queued can still be taken.</summary>
    internal void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            WakeTaker();
        }
    }

    private void WakeTaker()
    {
        if (_isWaiting)
        {
            Monitor.Pulse(_lock);
        }
    }
}
