using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using UdpPS.Sockets;

namespace UdpPS.Listening;

/// <summary>This machine's addresses and the broadcast addresses of its networks, looked up again now and then.</summary>
internal sealed class OwnAddresses
{
    // Looking them up takes milliseconds, and whoever sends may be the cause: not too often.
    private const double RefreshSeconds = 10;

    private readonly object _lock = new();
    private HashSet<IPAddress> _own = new();
    private HashSet<IPAddress> _broadcasts = new();
    private Deadline _refresh;

    internal bool Contains(IPAddress address)
    {
        lock (_lock)
        {
            Refresh();
            return _own.Contains(address);
        }
    }

    internal bool HasBroadcast(IPAddress address)
    {
        lock (_lock)
        {
            Refresh();
            return _broadcasts.Contains(address);
        }
    }

    private void Refresh()
    {
        if (!_refresh.HasPassed)
        {
            return;
        }

        _refresh = Deadline.After(RefreshSeconds);
        try
        {
            LookUp();
        }
        catch (NetworkInformationException)
        {
            // Interfaces come and go while they are listed. What was known goes on for a while.
        }
    }

    private void LookUp()
    {
        UnicastIPAddressInformation[] addresses = NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(candidate => candidate.GetIPProperties().UnicastAddresses)
            .ToArray();
        _own = new HashSet<IPAddress>(addresses.Select(own => own.Address));
        _broadcasts = new HashSet<IPAddress>(addresses
            .Where(own => own.Address.AddressFamily == AddressFamily.InterNetwork)
            .Select(own => own.BroadcastAddress())) { IPAddress.Broadcast };
        _broadcasts.ExceptWith(_own);
    }
}
