using System.Collections.Generic;
using System.Net.Sockets;
using UdpPS.Sockets;

namespace UdpPS.Sending;

/// <summary>
/// Finds where messages go, without waiting for names. The same server and port give the same object while what is known of the
/// name counts. Not thread-safe.
/// </summary>
internal sealed class DestinationResolver
{
    private const int MaximumRemembered = 4096;

    private readonly Dictionary<(string Server, int Port), ResolvedServer> _servers = new();
    private readonly NameTable _names;
    private (string Server, int Port) _lastKey;
    private ResolvedServer? _last;

    /// <param name="family">The family to use; <see cref="AddressFamily.Unspecified"/> takes IPv4 first.</param>
    /// <param name="names">Looks names up.</param>
    internal DestinationResolver(AddressFamily family, NameTable names)
    {
        Family = family;
        _names = names;
    }

    internal AddressFamily Family { get; }

    internal ResolvedServer Find(string server, int port)
    {
        (string Server, int Port) key = (server, port);
        if (_last is { IsCurrent: true } && _lastKey == key)
        {
            return _last;
        }

        if (!_servers.TryGetValue(key, out ResolvedServer? known) || !known.IsCurrent)
        {
            ServerName name = ServerName.Parse(server);
            known = new ResolvedServer(name, port, name.Name is null ? null : _names.Find(name.Name), Family);
            if (name.Fault != ServerFault.None)
            {
                // An interface may come.
                return known;
            }

            if (_servers.Count >= MaximumRemembered)
            {
                _servers.Clear();
            }

            _servers[key] = known;
        }

        _lastKey = key;
        _last = known;
        return known;
    }
}
