using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using UdpPS.Sockets;

namespace UdpPS.Sending;

/// <summary>The ports that users have fixed: one socket for each local endpoint of the process. Thread-safe.</summary>
internal sealed class FixedPorts
{
    private readonly object _lock = new();
    private readonly Dictionary<IPEndPoint, FixedPort> _ports = new();
    private readonly IPeerSocketFactory _factory;
    private readonly FreePorts _free;
    private readonly UnclaimedExchanges _unclaimed;

    /// <param name="factory">Opens sockets.</param>
    /// <param name="free">The ports of messages that have one of their own: a fixed one is not among them.</param>
    /// <param name="unclaimed">The messages that may have a port which a user then fixes.</param>
    internal FixedPorts(IPeerSocketFactory factory, FreePorts free, UnclaimedExchanges unclaimed)
    {
        _unclaimed = unclaimed;
        _factory = factory;
        _free = free;
    }

    /// <summary>Gives a message its share of the socket at the port that the options fix.</summary>
    /// <exception cref="SocketException">The address or port cannot be had.</exception>
    internal FixedPortSocket Open(IPEndPoint remote, SendOptions options)
    {
        var local = new IPEndPoint(options.LocalAddress ?? remote.AddressFamily.Wildcard(), options.LocalPort);
        lock (_lock)
        {
            foreach (IPEndPoint unused in _ports.Where(one => one.Value.IsForgotten).Select(one => one.Key).ToArray())
            {
                _ports.Remove(unused);
            }

            if (!_ports.TryGetValue(local, out FixedPort? port))
            {
                _ports[local] = port = new FixedPort(local, _factory, _free);
            }

            if (!port.IsOpen)
            {
                _unclaimed.GiveUp(options.LocalPort);
            }

            return port.Open(remote, options);
        }
    }

    /// <summary>Gives up a port for somebody else of this process: what nobody has asked about there expires.</summary>
    /// <param name="address">The address that is wanted; null for all.</param>
    /// <param name="port">The port that is wanted.</param>
    internal void GiveUp(IPAddress? address, int port)
    {
        FixedPort[] ports;
        lock (_lock)
        {
            ports = _ports.Where(one => one.Key.Port == port && Overlaps(one.Key.Address, address)).Select(one => one.Value).ToArray();
        }

        foreach (FixedPort one in ports)
        {
            one.GiveUp("a listener has taken over its port");
        }
    }

    private static bool Overlaps(IPAddress one, IPAddress? other) =>
        other is null || other.IsWildcard() || one.IsWildcard() || one.Equals(other);
}
