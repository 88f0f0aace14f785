using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using UdpPS.Tests.Infrastructure;

namespace UdpPS.Tests.Faults;

/// <summary>
/// A bad network between senders and a listener. Like a NAT router it has one port for each sender, by which answers find
/// their way back.
/// </summary>
internal sealed class LossyRelay : IDisposable
{
    // Beyond these the oldest sender is forgotten, and the datagram that is due next leaves before its time.
    private const int MaximumSenders = 2048;
    private const int MaximumHeld = 16384;

    private const int MaximumReadsInARow = 64;

    // The longest wait without a look at whether to stop.
    private const int SliceMicroseconds = 10_000;

    private readonly RawSocket _front = new();
    private readonly IPEndPoint _listener;
    private readonly Dictionary<IPEndPoint, Socket> _socketOf = new();
    private readonly Dictionary<Socket, IPEndPoint> _senderOf = new();
    private readonly Queue<IPEndPoint> _sendersByAge = new();
    private readonly PriorityQueue<(Socket From, byte[] Payload, IPEndPoint To), long> _held = new();
    private readonly byte[] _buffer = new byte[65536];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;

    /// <param name="listenerPort">On 127.0.0.1.</param>
    /// <param name="faults">What happens to datagrams, in each direction.</param>
    /// <param name="seed">The same seed decides the same.</param>
    internal LossyRelay(int listenerPort, LinkFaults faults, int seed)
    {
        _listener = new IPEndPoint(IPAddress.Loopback, listenerPort);
        Requests = new FaultyLink(faults, seed);
        Replies = new FaultyLink(faults, ~seed);
        _run = Task.Factory.StartNew(
            RelayUntilStopped, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    internal int Port => _front.Port;

    internal FaultyLink Requests { get; }

    internal FaultyLink Replies { get; }

    public void Dispose()
    {
        _stop.Cancel();
        _run.GetAwaiter().GetResult();
        foreach (Socket socket in _senderOf.Keys)
        {
            socket.Dispose();
        }

        _front.Dispose();
        _stop.Dispose();
    }

    private void RelayUntilStopped()
    {
        var readable = new List<Socket>();
        while (!_stop.IsCancellationRequested)
        {
            SendDue();
            readable.Clear();
            readable.Add(_front.Socket);
            readable.AddRange(_senderOf.Keys);
            Socket.Select(readable, null, null, MicrosecondsToWait());
            foreach (Socket socket in readable)
            {
                Read(socket);
            }
        }
    }

    private int MicrosecondsToWait()
    {
        if (!_held.TryPeek(out _, out long due))
        {
            return SliceMicroseconds;
        }

        double microseconds = (due - Stopwatch.GetTimestamp()) * 1e6 / Stopwatch.Frequency;
        return (int)Math.Clamp(microseconds, 0, SliceMicroseconds);
    }

    private void Read(Socket socket)
    {
        int reads = 0;
        do
        {
            EndPoint peer = new IPEndPoint(IPAddress.Any, 0);
            try
            {
                int length = socket.ReceiveFrom(_buffer, ref peer);
                Relay(socket, (IPEndPoint)peer, _buffer.AsSpan(0, length).ToArray());
            }
            catch (SocketException)
            {
                // On Windows a peer that is gone is told of here: one more loss.
            }
            catch (ObjectDisposedException)
            {
                // The sender was forgotten since this was found readable.
                return;
            }
        }
        while (++reads < MaximumReadsInARow && socket.Available > 0);
    }

    private void Relay(Socket socket, IPEndPoint peer, byte[] payload)
    {
        if (socket == _front.Socket)
        {
            Hold(Requests.Carry(payload), SocketOf(peer), _listener);
        }
        else if (peer.Equals(_listener))
        {
            Hold(Replies.Carry(payload), _front.Socket, _senderOf[socket]);
        }
    }

    private Socket SocketOf(IPEndPoint sender)
    {
        if (_socketOf.TryGetValue(sender, out Socket? known))
        {
            return known;
        }

        if (_sendersByAge.Count == MaximumSenders)
        {
            _socketOf.Remove(_sendersByAge.Dequeue(), out Socket? oldest);
            _senderOf.Remove(oldest!);
            oldest!.Dispose();
        }

        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _socketOf.Add(sender, socket);
        _senderOf.Add(socket, sender);
        _sendersByAge.Enqueue(sender);
        return socket;
    }

    private void Hold(IEnumerable<(byte[] Payload, TimeSpan Delay)> copies, Socket from, IPEndPoint to)
    {
        foreach ((byte[] payload, TimeSpan delay) in copies)
        {
            if (delay == TimeSpan.Zero)
            {
                Send(from, payload, to);
                continue;
            }

            if (_held.Count == MaximumHeld)
            {
                SendNext();
            }

            _held.Enqueue((from, payload, to), Stopwatch.GetTimestamp() + (long)(delay.TotalSeconds * Stopwatch.Frequency));
        }
    }

    private void SendDue()
    {
        while (_held.TryPeek(out _, out long due) && due <= Stopwatch.GetTimestamp())
        {
            SendNext();
        }
    }

    private void SendNext()
    {
        (Socket from, byte[] payload, IPEndPoint to) = _held.Dequeue();
        Send(from, payload, to);
    }

    private static void Send(Socket from, byte[] payload, IPEndPoint to)
    {
        try
        {
            from.SendTo(payload, to);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The other end is gone, or the sender was forgotten: one more loss.
        }
    }
}
