using System;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using UdpPS.Sockets;

namespace UdpPS.Sending;

/// <summary>A server and port that messages are for, and where that is, as soon as its name is known.</summary>
internal sealed class ResolvedServer
{
    private readonly AddressFamily _family;
    private IPEndPoint[] _remotes = Array.Empty<IPEndPoint>();
    private SocketException? _failure;
    private int _chosen;

    /// <param name="name">The server.</param>
    /// <param name="port">Its port.</param>
    /// <param name="lookUp">The look-up of its name; null for an address, and for what is neither.</param>
    /// <param name="family">The family to use; <see cref="AddressFamily.Unspecified"/> takes IPv4 first.</param>
    internal ResolvedServer(ServerName name, int port, NameLookUp? lookUp, AddressFamily family)
    {
        Name = name;
        Port = port;
        LookUp = lookUp;
        _family = family;
    }

    internal ServerName Name { get; }

    internal int Port { get; }

    internal NameLookUp? LookUp { get; }

    /// <summary>Whether there is nothing to wait for.</summary>
    internal bool IsKnown => LookUp is null || LookUp.IsCompleted;

    /// <summary>Whether it may be used for another message.</summary>
    internal bool IsCurrent => LookUp is null || LookUp.IsCurrent;

    /// <summary>Why there is no address, when that is known; null where there is one.</summary>
    internal SocketException? Failure
    {
        get
        {
            Choose();
            return _failure;
        }
    }

    /// <summary>Where to send to, if there is an address. The same object each time, until another one is chosen.</summary>
    internal IPEndPoint Remote
    {
        get
        {
            Choose();
            return _remotes[_chosen];
        }
    }

    /// <summary>Chooses the address of the other family, where a name has one and it was not tried yet.</summary>
    internal bool TryChooseNext()
    {
        bool isThere = _chosen + 1 < _remotes.Length;
        _chosen += isThere ? 1 : 0;
        return isThere;
    }

    /// <summary>Chooses the address of the first family again.</summary>
    internal IPEndPoint ChooseFirst()
    {
        _chosen = 0;
        return Remote;
    }

    private void Choose()
    {
        if (_remotes.Length > 0)
        {
            return;
        }

        // A name server may answer after the time limit: then the failure of before counts no longer.
        _failure = null;
        try
        {
            _remotes = HostResolver.Choose(LookUp?.Addresses ?? new[] { Name.Address! }, _family)
                .Select(address => new IPEndPoint(address, Port)).ToArray();
        }
        catch (SocketException exception)
        {
            _failure = exception;
        }
    }
}
