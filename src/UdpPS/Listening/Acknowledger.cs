using System.Diagnostics;
using System.Net;
using UdpPS.Sockets;

namespace UdpPS.Listening;

/// <summary>Acknowledges messages as far as the policy allows it. Thread-safe.</summary>
internal sealed class Acknowledger
{
    private readonly LocalAddresses _localAddresses = new();
    private readonly AckPolicy _policy;
    private readonly ListenerCounters _counters;
    private readonly bool _hasManyAddresses;

    internal Acknowledger(ListenerOptions options, IPEndPoint bound, ListenerCounters counters)
    {
        _policy = new AckPolicy(bound, _localAddresses, options.MaximumAcksPerSecond, options.AllowFrom is not null);
        _counters = counters;
        _hasManyAddresses = bound.Address.IsWildcard();
    }

    /// <summary>Sends the ack of a message, or puts it into the outbox, if the policy allows it.</summary>
    /// <param name="message">The message.</param>
    /// <param name="payload">The ack's payload.</param>
    /// <param name="outbox">Whose acks it joins.</param>
    /// <param name="isUrgent">Whether it shall not wait for others: then the outcome is known for sure.</param>
    internal AckOutcome Acknowledge(UdpMessage message, byte[] payload, AckOutbox outbox, bool isUrgent)
    {
        long now = Stopwatch.GetTimestamp();
        AckSuppression suppression = _policy.Evaluate(message, payload, now, out bool isNewLoop);
        if (suppression != AckSuppression.None)
        {
            _counters.SuppressedAcks.Increment();
            return new AckOutcome(message, payload, IsSent: false, suppression, isNewLoop);
        }

        var ack = new Datagram(payload, message.RemoteEndPoint, SourceFor(message));
        bool isSent = true;
        if (isUrgent)
        {
            isSent = outbox.Send(ack);
        }
        else
        {
            outbox.Add(ack, now);
        }

        return new AckOutcome(message, payload, isSent, suppression, isNewLoop);
    }

    // From where it was asked. What came to a group or a broadcast address was asked of no address in particular.
    private IPAddress? SourceFor(UdpMessage message) =>
        _hasManyAddresses && !_localAddresses.IsMulticastOrBroadcast(message.LocalIPAddress) ? message.LocalIPAddress : null;
}
