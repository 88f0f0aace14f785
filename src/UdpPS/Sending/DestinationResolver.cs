using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using UdpPS.Sockets;

namespace UdpPS.Sending;

/// <summary>
/// Finds where messages go. Each server is looked up once for a command, also one that cannot be found; the same
/// server and port give the same endpoint.
/// </summary>
internal sealed class DestinationResolver
{
    private const int MaximumRemembered = 4096;

    private readonly Dictionary<(string Server, int Port), IPEndPoint> _endPoints = new();
    private readonly Dictionary<string, SocketException> _failures = new();
    private readonly CancellationToken _cancellation;
    private (string Server, int Port) _lastKey;
    private IPEndPoint? _last;

    /// <param name="family">The family to use; <see cref="AddressFamily.Unspecified"/> takes IPv4 first.</param>
    /// <param name="cancellation">Ends the wait for a slow name server.</param>
    internal DestinationResolver(AddressFamily family, CancellationToken cancellation)
    {
        Family = family;
        _cancellation = cancellation;
    }

    internal AddressFamily Family { get; }

    /// <inheritdoc cref="HostResolver.Resolve"/>
    internal IPEndPoint Resolve(string server, int port)
    {
        (string Server, int Port) key = (server, port);
        if (_last is not null && _lastKey == key)
        {
            return _last;
        }

        if (!_endPoints.TryGetValue(key, out IPEndPoint? endPoint))
        {
            endPoint = new IPEndPoint(LookUp(server), port);
            if (_endPoints.Count >= MaximumRemembered)
            {
                _endPoints.Clear();
            }

            _endPoints.Add(key, endPoint);
        }

        _lastKey = key;
        _last = endPoint;
        return endPoint;
    }

    // A name that cannot be found is not asked for again with every message: that may take seconds each time.
    private IPAddress LookUp(string server)
    {
        if (_failures.TryGetValue(server, out SocketException? failure))
        {
            throw failure;
        }

        try
        {
            return HostResolver.Resolve(server, Family, _cancellation);
        }
        catch (SocketException exception)
        {
            if (_failures.Count >= MaximumRemembered)
            {
                _failures.Clear();
            }

            _failures.Add(server, exception);
            throw;
        }
    }
}
