using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Threading;

namespace UdpPS.Sockets;

/// <summary>
/// This machine's addresses and the broadcast addresses of its networks, looked up again now and then. Thread-safe.
/// </summary>
internal sealed class LocalAddresses
{
    // Looking them up takes milliseconds, and whoever sends may be the cause: not too often.
    private const double RefreshSeconds = 10;

    private static readonly Lazy<LocalAddresses> Machine = new(() => new LocalAddresses());

    private readonly Func<IEnumerable<UnicastIPAddressInformation>> _list;
    private readonly double _refreshSeconds;
    private volatile Snapshot _known;
    private int _isRefreshing;

    internal LocalAddresses()
        : this(NetworkInterfaces.FindAddresses, RefreshSeconds)
    {
    }

    /// <param name="list">Lists this machine's addresses.</param>
    /// <param name="refreshSeconds">How long that holds.</param>
    internal LocalAddresses(Func<IEnumerable<UnicastIPAddressInformation>> list, double refreshSeconds)
    {
        _list = list;
        _refreshSeconds = refreshSeconds;
        _known = LookUp();
    }

    /// <summary>Those that all of the process share.</summary>
    internal static LocalAddresses OfMachine => Machine.Value;

    internal bool Contains(IPAddress address) => Refreshed().Own.Contains(address);

    /// <summary>Whether an address stands for many machines: multicast, or broadcast.</summary>
    internal bool IsMulticastOrBroadcast(AddressBits address) => address.IsMulticast() || Refreshed().Broadcasts.Contains(address);

    // No ack waits for it: meanwhile what was known goes on.
    private Snapshot Refreshed()
    {
        Snapshot known = _known;
        if (known.Expiry.HasPassed && Interlocked.Exchange(ref _isRefreshing, 1) == 0)
        {
            ThreadPool.QueueUserWorkItem(_ => Refresh());
        }

        return known;
    }

    // An exception here would end the process, and with it the user's shell.
    private void Refresh()
    {
        try
        {
            Snapshot found = LookUp();
            _known = found.Own.Count > 0 ? found : new Snapshot(found.Expiry, _known.Own, _known.Broadcasts);
        }
        catch (Exception)
        {
            _known = new Snapshot(Deadline.After(_refreshSeconds), _known.Own, _known.Broadcasts);
        }
        finally
        {
            Volatile.Write(ref _isRefreshing, 0);
        }
    }

    private Snapshot LookUp()
    {
        Deadline expiry = Deadline.After(_refreshSeconds);
        UnicastIPAddressInformation[] addresses = _list().ToArray();
        var own = new HashSet<IPAddress>(addresses.Select(one => one.Address));
        var broadcasts = new HashSet<AddressBits>(addresses
            .Where(one => one.Address.AddressFamily == AddressFamily.InterNetwork)
            .Select(one => one.BroadcastAddress())
            .OfType<IPAddress>()
            .Append(IPAddress.Broadcast)
            .Except(own)
            .Select(AddressBits.Of));
        return new Snapshot(expiry, own, broadcasts);
    }

    private sealed class Snapshot
    {
        internal Snapshot(Deadline expiry, HashSet<IPAddress> own, HashSet<AddressBits> broadcasts)
        {
            Expiry = expiry;
            Own = own;
            Broadcasts = broadcasts;
        }

        internal Deadline Expiry { get; }

        internal HashSet<IPAddress> Own { get; }

        internal HashSet<AddressBits> Broadcasts { get; }
    }
}
