using System;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using UdpPS.Sockets;

namespace UdpPS.Listening;

/// <summary>
/// Sends the acks that the policy allows. Where the socket sends many with one system call, they wait for each other until
/// <see cref="Flush"/>.
/// </summary>
internal sealed class AckSender
{
    private readonly object _waitingLock = new();
    private readonly object _sendingLock = new();
    private readonly IListenerSocket _socket;
    private readonly ListenerCounters _counters;
    private readonly LocalAddresses _localAddresses;
    private readonly AckPolicy _policy;
    private readonly bool _hasManyAddresses;
    private Datagram[] _waiting;
    private Datagram[] _leaving;
    private int _count;

    /// <param name="options">What bounds acks.</param>
    /// <param name="socket">What they leave from.</param>
    /// <param name="counters">Where they are counted.</param>
    /// <param name="localAddresses">This machine's addresses.</param>
    internal AckSender(ListenerOptions options, IListenerSocket socket, ListenerCounters counters, LocalAddresses localAddresses)
    {
        _socket = socket;
        _counters = counters;
        _localAddresses = localAddresses;
        _waiting = new Datagram[socket.BatchLength];
        _leaving = new Datagram[socket.BatchLength];
        IPEndPoint bound = socket.LocalEndPoint;
        _policy = new AckPolicy(bound, localAddresses, options.MaximumAcksPerSecond, options.AllowFrom is not null);
        _hasManyAddresses = bound.Address.IsWildcard();
    }

    /// <summary>Acknowledges a message, if the policy allows it. Not thread-safe.</summary>
    /// <param name="message">The message.</param>
    /// <param name="payload">The ack's payload.</param>
    /// <param name="isUrgent">Whether it shall not wait for others: then the outcome is known for sure.</param>
    internal AckOutcome Acknowledge(UdpMessage message, byte[] payload, bool isUrgent)
    {
        AckSuppression suppression = _policy.Evaluate(message, payload, Stopwatch.GetTimestamp(), out bool isNewLoop);
        if (suppression != AckSuppression.None)
        {
            _counters.SuppressedAcks.Increment();
            return new AckOutcome(message, payload, IsSent: false, suppression, isNewLoop);
        }

        var ack = new Datagram(payload, message.RemoteEndPoint, SourceFor(message));
        bool isSent = isUrgent || _waiting.Length == 1 ? SendAtOnce(in ack) : Add(in ack);
        return new AckOutcome(message, payload, isSent, suppression, isNewLoop);
    }

    /// <summary>Sends the acks that wait. Thread-safe.</summary>
    internal void Flush()
    {
        lock (_sendingLock)
        {
            int count;
            lock (_waitingLock)
            {
                count = _count;
                _count = 0;
                (_waiting, _leaving) = (_leaving, _waiting);
            }

            Send(count);
        }
    }

    // From where it was asked. What came to a group or a broadcast address was asked of no address in particular.
    private IPAddress? SourceFor(UdpMessage message) =>
        _hasManyAddresses && !_localAddresses.IsMulticastOrBroadcast(AddressBits.Of(message.LocalIPAddress)) ? message.LocalIPAddress : null;

    // True: it is about to be sent.
    private bool Add(in Datagram ack)
    {
        bool isFull;
        lock (_waitingLock)
        {
            _waiting[_count++] = ack;
            isFull = _count == _waiting.Length;
        }

        if (isFull)
        {
            Flush();
        }

        return true;
    }

    private bool SendAtOnce(in Datagram ack)
    {
        lock (_sendingLock)
        {
            Flush();
            _leaving[0] = ack;
            return Send(1) == 1;
        }
    }

    // A peer that is gone, or a socket just closed, is no error of the listener.
    private int Send(int count)
    {
        int sent = 0;
        int done = 0;
        while (done < count)
        {
            try
            {
                int more = _socket.Send(_leaving, done, count - done);
                sent += more;
                done += more;
            }
            catch (SocketException)
            {
                _counters.TryCountError();
                done++;
            }
            catch (ObjectDisposedException)
            {
                break;
            }
        }

        Array.Clear(_leaving, 0, count);
        _counters.Acknowledged.Add(sent);
        return sent;
    }
}
