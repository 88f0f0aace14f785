using System;

namespace UdpPS.Listening;

/// <summary>
/// A listener's time from its first message to its end: takes messages, delivers each, and only then acknowledges it.
/// </summary>
internal sealed class DeliveryLoop
{
    private readonly UdpListener _listener;
    private readonly IMessageConsumer _consumer;
    private readonly DeliveryLimits _limits;
    private readonly IDeliveryProgress? _progress;
    private long _delivered;
    private long _duplicates;

    /// <param name="listener">Where messages come from.</param>
    /// <param name="consumer">Where they go.</param>
    /// <param name="limits">When it ends by itself.</param>
    /// <param name="progress">Told how it goes on, if anybody wants to know.</param>
    internal DeliveryLoop(
        UdpListener listener, IMessageConsumer consumer, DeliveryLimits limits, IDeliveryProgress? progress = null)
    {
        _listener = listener;
        _consumer = consumer;
        _limits = limits;
        _progress = progress;
    }

    /// <summary>Delivers until a limit is reached or the listener is stopped, and closes the listener, which frees the port.</summary>
    /// <param name="isStopRequested">Whether somebody has asked for the end.</param>
    internal ListenerStopReason Run(Func<bool> isStopRequested)
    {
        try
        {
            DeliverUntilEnd();
        }
        finally
        {
            _listener.FlushAcks();
        }

        // In this order: a stop that is asked for in between is no failure.
        bool isStopped = _listener.IsStopped;
        ListenerStopReason reason = isStopRequested() ? ListenerStopReason.Requested
            : isStopped ? ListenerStopReason.Failed
            : ListenerStopReason.LimitReached;
        _listener.Dispose();
        return reason;
    }

    private void DeliverUntilEnd()
    {
        Deadline end = Deadline.AfterOrNever(_limits.TimeoutSeconds);
        Deadline idleEnd = Deadline.AfterOrNever(_limits.IdleTimeoutSeconds);
        while (!_listener.IsStopped && !end.HasPassed && (_limits.Count == 0 || _delivered < _limits.Count))
        {
            // The process may have been suspended, so that the time has passed, and not in silence: there may be a message all the same.
            bool isIdle = idleEnd.HasPassed;
            UdpMessage? message = _listener.Take(WaitUntil(end, idleEnd));
            if (_listener.TryTakeNotice())
            {
                _consumer.OnOutputFull();
            }

            if (message is not null)
            {
                DeliverOrRepeat(message);
                idleEnd = Deadline.AfterOrNever(_limits.IdleTimeoutSeconds);
            }
            else if (isIdle)
            {
                return;
            }

            _progress?.Report(_delivered, end);
        }
    }

    private Deadline WaitUntil(Deadline end, Deadline idleEnd)
    {
        Deadline wait = Deadline.Earlier(end, idleEnd);
        return _progress is null ? wait : Deadline.Earlier(wait, Deadline.AfterOrNever(_progress.IntervalSeconds));
    }

    private void DeliverOrRepeat(UdpMessage message)
    {
        if (_listener.Duplicates?.Find(message) is { } original)
        {
            // Handled, it is not delivered again. Its sender has perhaps not received the ack, and gets the same.
            _duplicates++;
            _listener.DiscardDuplicate(message);
            Acknowledge(message, original.Ack);
            return;
        }

        message.Sequence -= _duplicates;
        Deliver(message);
        _delivered++;
    }

    private void Deliver(UdpMessage message)
    {
        try
        {
            _consumer.Deliver(message);
        }
        catch (Exception exception) when (_consumer.CountsAsDelivered(exception))
        {
            EndDelivery(message);
            throw;
        }

        EndDelivery(message);
    }

    private void EndDelivery(UdpMessage message)
    {
        _listener.EndDelivery(message);
        if (!_consumer.TryCreateAck(message, out byte[]? ack))
        {
            return;
        }

        // A duplicate gets it again, whatever becomes of it now.
        message.Ack = ack;
        _listener.Duplicates?.Remember(message);
        Acknowledge(message, ack);
    }

    private void Acknowledge(UdpMessage message, byte[]? ack)
    {
        if (ack is not null)
        {
            _consumer.OnAcknowledged(_listener.Acknowledge(message, ack, _consumer.ReportsAllOutcomes));
        }
    }
}
