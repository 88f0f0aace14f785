using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;

namespace UdpPS.Sending;

/// <summary>
/// The ports that messages leave from, in the order in which they become free: the next one is always that which has been unused
/// for longest. In the beginning they are shuffled, so that nobody can guess the next (RFC 6056). Thread-safe.
/// </summary>
internal sealed class FreePorts
{
    private readonly object _lock = new();
    private readonly Queue<int> _ports;
    private readonly HashSet<int> _all;
    private readonly Dictionary<int, int> _fixed = new();

    /// <param name="ports">All that there are.</param>
    internal FreePorts(IReadOnlyList<int> ports)
    {
        _all = new HashSet<int>(ports);
        _ports = new Queue<int>(Shuffle(ports));
    }

    /// <summary>How many there are in all, in use or not.</summary>
    internal int Total => _all.Count;

    /// <summary>Those that are free now.</summary>
    internal int Count
    {
        get
        {
            lock (_lock)
            {
                return _ports.Count;
            }
        }
    }

    /// <summary>Takes the port that has been unused for longest, but for those that a user has fixed.</summary>
    /// <returns>False where none is left.</returns>
    internal bool TryTake(out int port)
    {
        lock (_lock)
        {
            for (int left = _ports.Count; left > 0; left--)
            {
                port = _ports.Dequeue();
                if (!_fixed.ContainsKey(port))
                {
                    return true;
                }

                _ports.Enqueue(port);
            }

            port = 0;
            return false;
        }
    }

    /// <summary>Gives back a port that was taken: all others come before it.</summary>
    internal void Return(int port)
    {
        lock (_lock)
        {
            _ports.Enqueue(port);
        }
    }

    /// <summary>Keeps a port that the user has fixed from being taken.</summary>
    internal void Fix(int port)
    {
        lock (_lock)
        {
            _fixed.TryGetValue(port, out int sockets);
            _fixed[port] = sockets + 1;
        }
    }

    /// <summary>The user's port is in use no longer: all others come before it.</summary>
    internal void Unfix(int port)
    {
        lock (_lock)
        {
            if (--_fixed[port] > 0)
            {
                return;
            }

            _fixed.Remove(port);
            if (_all.Contains(port) && _ports.Contains(port))
            {
                int[] others = _ports.Where(other => other != port).ToArray();
                _ports.Clear();
                Array.ForEach(others, _ports.Enqueue);
                _ports.Enqueue(port);
            }
        }
    }

    private static int[] Shuffle(IReadOnlyList<int> ports)
    {
        int[] shuffled = ports.ToArray();
        byte[] random = new byte[shuffled.Length * sizeof(uint)];
        using (var generator = RandomNumberGenerator.Create())
        {
            generator.GetBytes(random);
        }

        for (int last = shuffled.Length - 1; last > 0; last--)
        {
            int other = (int)(BitConverter.ToUInt32(random, last * sizeof(uint)) % (uint)(last + 1));
            (shuffled[last], shuffled[other]) = (shuffled[other], shuffled[last]);
        }

        return shuffled;
    }
}
