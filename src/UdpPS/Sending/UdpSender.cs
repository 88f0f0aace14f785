using System;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using UdpPS.Sockets;

namespace UdpPS.Sending;

/// <summary>Sends messages; their acks are the <see cref="AckCollector"/>'s matter. Not thread-safe.</summary>
internal sealed class UdpSender : IDisposable
{
    // Routes and addresses change: a socket that was connected longer ago may have the wrong ones.
    private static readonly long SpareTicks = Stopwatch.Frequency;

    private readonly SendOptions _options;
    private readonly SenderResources _resources;
    private readonly Action<IPeerSocket> _close;
    private IPEndPoint? _lastRemote;
    private IPeerSocket? _spare;
    private long _spareSince;

    internal UdpSender(SendOptions options)
        : this(options, SenderResources.OfProcess)
    {
    }

    internal UdpSender(SendOptions options, SenderResources resources)
    {
        _options = options;
        _resources = resources;
        _close = resources.Sockets.Close;
    }

    /// <summary>Sends a message as one datagram, from a port of its own unless the user fixed one.</summary>
    /// <exception cref="SocketException">
    /// It could not be sent; <see cref="SocketError.MessageSize"/> when it is longer than a datagram can be.
    /// </exception>
    internal void Send(UdpSentMessage message)
    {
        IPEndPoint remote = message.RemoteEndPoint;
        if (message.Length > DatagramSize.MaximumPayload(remote.Address))
        {
            throw new SocketException((int)SocketError.MessageSize);
        }

        Exchange exchange = Open(remote);
        try
        {
            exchange.Send(message.Bytes);
        }
        catch
        {
            exchange.Close();
            throw;
        }

        message.Exchange = exchange;
        exchange.Keep();
        PrepareNext(remote);
    }

    public void Dispose() => CloseSpare();

    private Exchange Open(IPEndPoint remote)
    {
        if (_options.LocalPort != 0)
        {
            FixedPortSocket share = _resources.FixedPorts.Open(remote, _options);
            return share.Exchange = new Exchange(remote, share, _options, CloseShare, _resources.Unclaimed);
        }

        IPeerSocket socket = TakeSpare(remote) ?? _resources.Sockets.Open(remote, _options);
        return new Exchange(remote, socket, _options, _close, _resources.Unclaimed);
    }

    // While the ack of one message is on its way, the socket of the next is opened: a second message to a peer is mostly followed
    // by a third.
    private void PrepareNext(IPEndPoint remote)
    {
        bool isRepeated = remote.Equals(_lastRemote);
        _lastRemote = remote;
        if (!isRepeated || _options.LocalPort != 0)
        {
            return;
        }

        try
        {
            _spareSince = Stopwatch.GetTimestamp();
            _spare = _resources.Sockets.Open(remote, _options);
        }
        catch (SocketException)
        {
            // If it cannot be had then either, the next message will say so.
        }
    }

    private IPeerSocket? TakeSpare(IPEndPoint remote)
    {
        if (_spare is null || !remote.Equals(_lastRemote) || Stopwatch.GetTimestamp() - _spareSince > SpareTicks)
        {
            CloseSpare();
            return null;
        }

        IPeerSocket spare = _spare;
        _spare = null;
        return spare;
    }

    private static void CloseShare(IPeerSocket share) => share.Dispose();

    private void CloseSpare()
    {
        if (_spare is not null)
        {
            _resources.Sockets.Close(_spare);
            _spare = null;
        }
    }
}
