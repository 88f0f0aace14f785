using System;
using System.Collections.Generic;
using System.Management.Automation.Runspaces;
using System.Net;
using System.Runtime.CompilerServices;

namespace UdpPS.Parameters;

/// <summary>The servers that a session sent to, the last one first. They are forgotten with the session.</summary>
internal sealed class RecentServers
{
    private const int Capacity = 50;

    private static readonly ConditionalWeakTable<Runspace, RecentServers> Sessions = new();

    private readonly object _lock = new();
    private readonly List<(string Server, IPEndPoint Remote)> _servers = new(Capacity);
    private IPEndPoint? _last;

    /// <summary>Those of the session that runs on this thread.</summary>
    internal static RecentServers OfSession() =>
        Runspace.DefaultRunspace is { } session ? Sessions.GetOrCreateValue(session) : new RecentServers();

    /// <param name="server">The name or address as it was given.</param>
    /// <param name="remote">Where it was found.</param>
    internal void Add(string server, IPEndPoint remote)
    {
        // Asked with every message, and mostly for the server of the one before, whose endpoint is the same object.
        if (ReferenceEquals(remote, _last))
        {
            return;
        }

        lock (_lock)
        {
            int known = _servers.FindIndex(one => string.Equals(one.Server, server, StringComparison.OrdinalIgnoreCase));
            if (known >= 0)
            {
                _servers.RemoveAt(known);
            }
            else if (_servers.Count == Capacity)
            {
                _servers.RemoveAt(Capacity - 1);
            }

            _servers.Insert(0, (server, remote));
            _last = remote;
        }
    }

    internal IReadOnlyList<(string Server, IPEndPoint Remote)> ToList()
    {
        lock (_lock)
        {
            return _servers.ToArray();
        }
    }
}
