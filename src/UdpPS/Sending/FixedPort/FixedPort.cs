using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using UdpPS.Sockets;

namespace UdpPS.Sending;

/// <summary>
/// A port that the user fixed: one unconnected socket, which tells peers apart by their addresses. A reply belongs to a message if
/// that is the only one to its peer that is open, or was left unanswered within the last two minutes: so late may a reply be
/// (RFC 8085 section 3.3). Any other reply belongs to none. Whoever looks for a reply reads for all. The socket closes with its
/// last message; what was left unanswered is remembered. Thread-safe.
/// </summary>
internal sealed class FixedPort
{
    /// <summary>How late a reply may come, in seconds.</summary>
    internal const double LatestReplySeconds = 120;

    // For so many peers it is remembered that a reply may come late. Beyond that it is for all.
    private const int MaximumPeers = 4096;

    // Reports of other peers stand in the way of a send.
    private const int MaximumReports = 64;

    private readonly List<FixedPortSocket> _shares = new();
    private readonly Dictionary<IPEndPoint, Deadline> _mayBeLate = new();
    private readonly IPEndPoint _local;
    private readonly IPeerSocketFactory _factory;
    private readonly FreePorts _free;
    private Deadline _allMayBeLate = Deadline.After(0);
    private IPeerSocket? _socket;
    private SendOptions? _options;
    private long _lastRead;

    /// <param name="local">The endpoint.</param>
    /// <param name="factory">Opens the socket.</param>
    /// <param name="free">The ports of messages that have one of their own.</param>
    internal FixedPort(IPEndPoint local, IPeerSocketFactory factory, FreePorts free)
    {
        _local = local;
        _factory = factory;
        _free = free;
    }

    internal IPEndPoint LocalEndPoint => Socket.LocalEndPoint;

    /// <summary>The socket. It is open while a message has a share of it.</summary>
    internal IPeerSocket Socket => _socket ?? throw new SocketException((int)SocketError.NotConnected);

    internal bool IsOpen
    {
        get
        {
            lock (this)
            {
                return _socket is not null;
            }
        }
    }

    /// <summary>Whether there is nothing to remember of it.</summary>
    internal bool IsForgotten
    {
        get
        {
            lock (this)
            {
                return _socket is null && _allMayBeLate.HasPassed && _mayBeLate.Values.All(end => end.HasPassed);
            }
        }
    }

    /// <exception cref="SocketException">The port cannot be had.</exception>
    internal FixedPortSocket Open(IPEndPoint remote, SendOptions options)
    {
        bool isOther;
        lock (this)
        {
            isOther = _socket is not null && _options != options;
        }

        if (isOther)
        {
            GiveUp("a message with other socket options has left from its port");
        }

        lock (this)
        {
            if (_socket is not null && _options != options)
            {
                throw new PortUnavailableException(SocketError.AddressAlreadyInUse);
            }

            if (_socket is null)
            {
                _socket = _factory.OpenShared(remote.AddressFamily, _local.Port, options);
                _options = options;
                _free.Fix(_local.Port);
            }

            var share = new FixedPortSocket(this, remote, BroadcastProbe.HasManyReceivers(remote, options));
            _shares.Add(share);
            return share;
        }
    }

    internal SocketError Send(FixedPortSocket share, byte[] payload)
    {
        lock (this)
        {
            // What is here already is no reply to a message that is still to leave.
            Read(Stopwatch.GetTimestamp());
            SocketError error = SocketError.Success;
            for (int tries = 0; tries <= MaximumReports; tries++)
            {
                error = Socket.Send(payload, share.Remote);
                if (error == SocketError.Success)
                {
                    share.Unanswered++;
                    share.LastLength = payload.Length;
                    break;
                }

                IcmpError? last = TakeReports();
                if (last is null)
                {
                    break;
                }

                if (_options!.DontFragment && IsTooLong(payload.Length, last, share.Remote.Address))
                {
                    share.Refuse(last);
                    break;
                }
            }

            return error;
        }
    }

    /// <summary>Takes in what has come, and gives it to the messages that it belongs to.</summary>
    /// <param name="since">Nothing is to be done if that was done since then, on the monotonic clock.</param>
    internal void Read(long since)
    {
        lock (this)
        {
            if (_lastRead > since)
            {
                return;
            }

            _lastRead = Stopwatch.GetTimestamp();
            SocketError error = SocketError.Success;
            for (int i = 0; i < Exchange.MaximumRepliesPerLook && error != SocketError.WouldBlock; i++)
            {
                error = Socket.Receive(out Datagram datagram);
                if (error == SocketError.Success)
                {
                    Match(datagram);
                }
                else if (TakeReports() is null && error != SocketError.WouldBlock)
                {
                    return;
                }
            }
        }
    }

    internal void Close(FixedPortSocket share)
    {
        lock (this)
        {
            if (share.Unanswered > 0 && !share.HasManyReceivers)
            {
                RememberLate(share.Remote);
            }

            _shares.Remove(share);
            if (_shares.Count == 0 && _socket is not null)
            {
                _socket.Dispose();
                _socket = null;
                _free.Unfix(_local.Port);
            }
        }
    }

    /// <summary>Has all messages here expire that nobody waits for.</summary>
    /// <param name="reason">Why, in words.</param>
    internal void GiveUp(string reason)
    {
        FixedPortSocket[] shares;
        lock (this)
        {
            shares = _shares.ToArray();
        }

        foreach (FixedPortSocket share in shares)
        {
            share.Exchange?.Expire(reason);
        }
    }

    private void Match(in Datagram datagram)
    {
        IPEndPoint from = datagram.Remote;
        FixedPortSocket[] open = _shares.Where(share => share.HasManyReceivers || share.Remote.Equals(from))
            .Where(share => share.Unanswered > 0).ToArray();
        if (datagram.Payload.Length == 0)
        {
            foreach (FixedPortSocket share in open)
            {
                share.Add(datagram);
            }
        }
        else if (open.Length == 1 && !MayBeLate(from))
        {
            open[0].Unanswered -= open[0].HasManyReceivers ? 0 : 1;
            open[0].Add(datagram);
        }
        else if (open.Length > 0)
        {
            foreach (FixedPortSocket share in open)
            {
                share.NoteAmbiguity();
            }
        }
        else if (_shares.Exists(share => share.Remote.Equals(from)) || _mayBeLate.ContainsKey(from))
        {
            // A peer that replies more often than it is asked.
            RememberLate(from);
        }
    }

    // Gives each report to the messages that have left and that it concerns. The last may be that on a datagram just refused.
    private IcmpError? TakeReports()
    {
        IcmpError? last = null;
        while (Socket.TryTakeIcmpError(out IcmpError report))
        {
            last = report;
            foreach (FixedPortSocket share in _shares.Where(share => share.Unanswered > 0 && Concerns(report, share)))
            {
                share.Unanswered--;
                share.Add(report);
            }
        }

        return last;
    }

    private static bool Concerns(IcmpError report, FixedPortSocket share) =>
        share.Remote.Equals(report.Destination)
        && (report.PathMtu == 0 || (report.Reporter is not null && IsTooLong(share.LastLength, report, share.Remote.Address)));

    // The report on a datagram to an IPv4 address that could not leave does not tell the port.
    private static bool IsTooLong(int length, IcmpError report, IPAddress address) =>
        report.PathMtu > 0
        && address.Equals(report.Destination?.Address)
        && length > DatagramSize.PayloadOf(report.PathMtu, address);

    private bool MayBeLate(IPEndPoint peer) =>
        !_allMayBeLate.HasPassed || (_mayBeLate.TryGetValue(peer, out Deadline end) && !end.HasPassed);

    private void RememberLate(IPEndPoint peer)
    {
        if (_mayBeLate.Count >= MaximumPeers)
        {
            foreach (IPEndPoint past in _mayBeLate.Where(one => one.Value.HasPassed).Select(one => one.Key).ToArray())
            {
                _mayBeLate.Remove(past);
            }
        }

        Deadline end = Deadline.After(LatestReplySeconds);
        if (_mayBeLate.Count < MaximumPeers)
        {
            _mayBeLate[peer] = end;
        }
        else
        {
            _allMayBeLate = end;
        }
    }
}
