using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;

namespace UdpPS.Sockets;

/// <summary>
/// Looks names up: many at a time, each with a time limit, and keeps for a while what was found and what was not.
/// </summary>
/// <remarks>
/// Thread-safe. A look-up blocks a thread, since the system has no other way. One that takes longer than its limit goes on, and
/// its place is another's, so that names that nobody answers for do not hold up the others. The system's own limit ends it.
/// </remarks>
internal sealed class NameTable
{
    /// <summary>How many names are looked up at a time.</summary>
    internal const int MaximumLookUps = 64;

    /// <summary>How long one look-up may take.</summary>
    internal const double LimitSeconds = 5;

    /// <summary>How long what was found, or not found, counts.</summary>
    internal const double LifetimeSeconds = 30;

    private const int MaximumNames = 4096;

    private readonly object _lock = new();
    private readonly Dictionary<string, NameLookUp> _names = new(StringComparer.OrdinalIgnoreCase);
    private readonly Queue<NameLookUp> _waiting = new();
    private readonly Func<string, IPAddress[]> _resolve;
    private readonly double _limitSeconds;
    private readonly double _lifetimeSeconds;
    private int _running;

    /// <param name="resolve">Asks the system.</param>
    /// <param name="limitSeconds">How long one look-up may take.</param>
    /// <param name="lifetimeSeconds">How long a result counts.</param>
    internal NameTable(
        Func<string, IPAddress[]> resolve, double limitSeconds = LimitSeconds, double lifetimeSeconds = LifetimeSeconds)
    {
        _resolve = resolve;
        _limitSeconds = limitSeconds;
        _lifetimeSeconds = lifetimeSeconds;
    }

    /// <summary>The one of the process.</summary>
    internal static NameTable Shared { get; } = new(Dns.GetHostAddresses);

    /// <summary>The look-up of a name: the latest while its result counts, else a new one.</summary>
    internal NameLookUp Find(string name)
    {
        lock (_lock)
        {
            if (_names.TryGetValue(name, out NameLookUp? known) && known.IsCurrent)
            {
                return known;
            }

            if (_names.Count >= MaximumNames)
            {
                Forget();
            }

            var lookUp = new NameLookUp(name, _lifetimeSeconds);
            _names[name] = lookUp;
            _waiting.Enqueue(lookUp);
            if (_running < MaximumLookUps)
            {
                _running++;
                StartThread();
            }

            return lookUp;
        }
    }

    private void Forget()
    {
        foreach (string name in _names.Where(pair => pair.Value.IsCompleted).Select(pair => pair.Key).ToArray())
        {
            _names.Remove(name);
        }
    }

    private void StartThread() => new Thread(Run) { IsBackground = true, Name = "UdpPS name look-up" }.Start();

    private void Run()
    {
        bool hasPlace = true;
        while (hasPlace && TryTake(out NameLookUp? lookUp))
        {
            lookUp!.Begin(_limitSeconds, LeavePlace);
            hasPlace = TryLookUp(lookUp);
        }
    }

    // False when its time was up meanwhile, and another has its place.
    private bool TryLookUp(NameLookUp lookUp)
    {
        try
        {
            return lookUp.Complete(_resolve(lookUp.Name));
        }
        catch (SocketException exception)
        {
            return lookUp.Fail(exception.SocketErrorCode);
        }
        catch (Exception)
        {
            // No system has an address for what .NET does not even ask it for.
            return lookUp.Fail(SocketError.HostNotFound);
        }
    }

    private bool TryTake(out NameLookUp? lookUp)
    {
        lock (_lock)
        {
            bool isThere = _waiting.Count > 0;
            lookUp = isThere ? _waiting.Dequeue() : null;
            _running -= isThere ? 0 : 1;
            return isThere;
        }
    }

    private void LeavePlace()
    {
        lock (_lock)
        {
            if (_waiting.Count > 0)
            {
                StartThread();
            }
            else
            {
                _running--;
            }
        }
    }
}
