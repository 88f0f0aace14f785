using System;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using UdpPS.Sockets;

namespace UdpPS.Listening;

/// <summary>
/// A bound socket, the thread that empties it, and the queue that the pipeline takes messages from. Only
/// <see cref="Take"/> is bound to one thread; all else may be called from any.
/// </summary>
internal sealed class UdpListener : IDisposable
{
    private const int BatchLength = 64;

    // Closing the socket wakes a waiting thread where the system lets it; this bounds the wait where it does not.
    private const int PollMilliseconds = 100;

    // Errors one after the other with nothing received in between: the socket is broken, and retrying would only spin.
    private const int MaximumConsecutiveErrors = 100;

    private readonly ListenerOptions _options;
    private readonly IDatagramSocket _socket;
    private readonly MessageQueue _queue;
    private readonly ListenerCounters _counters = new();
    private readonly Thread _receiver;
    private readonly IPAddress _boundAddress;
    private int _isStopping;
    private bool _isStarted;
    private long _sequence;

    private UdpListener(ListenerOptions options, IDatagramSocket socket)
    {
        _options = options;
        _socket = socket;
        _boundAddress = socket.LocalEndPoint.Address;
        _queue = new MessageQueue(options.QueueLength);
        _receiver = new Thread(ReceiveUntilStopped) { IsBackground = true, Name = "UdpPS listener " + LocalPort };
    }

    /// <summary>The port it listens on: the one asked for, or the one the system picked.</summary>
    internal int LocalPort => _socket.LocalEndPoint.Port;

    /// <summary>True from the moment it was told to stop, or could not go on.</summary>
    internal bool IsStopped => Volatile.Read(ref _isStopping) != 0;

    /// <summary>Why it could not go on, if it could not.</summary>
    internal Exception? Failure { get; private set; }

    /// <summary>Messages received that nobody has taken.</summary>
    internal int Waiting => _queue.Count;

    /// <summary>Binds. Nothing is read before <see cref="Start"/>, but datagrams already wait in the socket.</summary>
    /// <exception cref="SocketException">The address or port cannot be had, or a group cannot be joined.</exception>
    internal static UdpListener Open(ListenerOptions options) => new(options, ListeningSocket.Open(options));

    internal void Start()
    {
        _isStarted = true;
        _receiver.Start();
    }

    /// <inheritdoc cref="MessageQueue.Take"/>
    internal int Take(UdpMessage[] into, int maximum, int timeoutMilliseconds) =>
        _queue.Take(into, maximum, timeoutMilliseconds);

    /// <summary>Notes that the pipeline took a message.</summary>
    internal void CountDelivered() => _counters.Delivered.Increment();

    /// <summary>Sends the answer to a message. A peer that is gone, or a socket just closed, is no error of the listener.</summary>
    /// <returns>Whether it left.</returns>
    internal bool TryAcknowledge(UdpMessage message, byte[] answer)
    {
        try
        {
            _socket.Send(new[] { new Datagram(answer, message.RemoteEndPoint, message.LocalIPAddress) }, 0, 1);
        }
        catch (SocketException)
        {
            _counters.Errors.Increment();
            return false;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }

        _counters.Acknowledged.Increment();
        return true;
    }

    internal UdpListenerStatistics GetStatistics() => _counters.ToStatistics(_socket);

    /// <summary>Closes the socket, which frees the port, and ends every wait. Messages already queued can still be taken.</summary>
    internal void Stop()
    {
        if (Interlocked.Exchange(ref _isStopping, 1) == 0)
        {
            _counters.KeepSystemDrops(_socket);
            _socket.Dispose();
            _queue.Close();
        }
    }

    /// <summary>Stops, and waits for the receiving thread to end: after it the port is free.</summary>
    public void Dispose()
    {
        Stop();
        if (_isStarted && Thread.CurrentThread != _receiver)
        {
            _receiver.Join();
        }
    }

    // The thread's one method: whatever happens in it ends in Failure and a closed queue, never in an unhandled exception.
    private void ReceiveUntilStopped()
    {
        try
        {
            var batch = new Datagram[BatchLength];
            int errors = 0;
            while (!IsStopped && errors < MaximumConsecutiveErrors)
            {
                errors = ReceiveBatch(batch) ? 0 : errors + 1;
            }
        }
        catch (ObjectDisposedException) when (IsStopped)
        {
            // The socket was closed to wake this thread.
        }
        catch (Exception exception)
        {
            Failure ??= exception;
        }
        finally
        {
            Stop();
        }
    }

    private bool ReceiveBatch(Datagram[] batch)
    {
        int count;
        try
        {
            count = _socket.Receive(batch, PollMilliseconds);
        }
        catch (SocketException) when (IsStopped)
        {
            return true;
        }
        catch (SocketException exception)
        {
            // An ICMP error that some peer caused; the next receive may well succeed.
            _counters.Errors.Increment();
            Failure = exception;
            return false;
        }

        Failure = null;
        DateTime now = DateTime.UtcNow;
        for (int i = 0; i < count; i++)
        {
            Accept(in batch[i], now);
        }

        return true;
    }

    private void Accept(in Datagram datagram, DateTime receivedAt)
    {
        IPEndPoint remote = datagram.Remote!;
        if (_options.AllowFrom is { } allowed && !allowed.Contains(remote.Address))
        {
            _counters.Denied.Increment();
            return;
        }

        var message = new UdpMessage(
            datagram.Payload, remote, datagram.Local ?? _boundAddress, LocalPort, ++_sequence, receivedAt, _options.Encoding);
        if (!_queue.TryAdd(message))
        {
            _counters.Dropped.Increment();
            return;
        }

        _counters.Received.Increment();
        if (_options.AckWhenReceived is { } answer)
        {
            TryAcknowledge(message, answer);
        }
    }
}
