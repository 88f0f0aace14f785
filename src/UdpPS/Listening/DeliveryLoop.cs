using System;

namespace UdpPS.Listening;

/// <summary>Takes messages from a listener, delivers each, and only then acknowledges it.</summary>
internal sealed class DeliveryLoop
{
    private const int BatchLength = 64;

    private readonly UdpListener _listener;
    private readonly IMessageConsumer _consumer;
    private readonly DeliveryLimits _limits;
    private readonly IDeliveryWatcher? _watcher;
    private readonly UdpMessage[] _batch = new UdpMessage[BatchLength];
    private long _delivered;
    private long _duplicates;

    /// <param name="listener">Where messages come from.</param>
    /// <param name="consumer">Where they go.</param>
    /// <param name="limits">When it ends by itself.</param>
    /// <param name="watcher">Told how it goes on, if anybody wants to know.</param>
    internal DeliveryLoop(
        UdpListener listener, IMessageConsumer consumer, DeliveryLimits limits, IDeliveryWatcher? watcher = null)
    {
        _listener = listener;
        _consumer = consumer;
        _limits = limits;
        _watcher = watcher;
    }

    /// <summary>Messages that were taken from the listener and not delivered, because the delivery ended among them.</summary>
    internal int Abandoned { get; private set; }

    /// <summary>Runs until a limit is reached or the listener is stopped.</summary>
    internal void Run()
    {
        Deadline end = Deadline.AfterOrNever(_limits.TimeoutSeconds);
        Deadline idleEnd = Deadline.AfterOrNever(_limits.IdleTimeoutSeconds);
        while (!_listener.IsStopped && !end.HasPassed && (_limits.Count == 0 || _delivered < _limits.Count))
        {
            int wait = Deadline.Earlier(end, idleEnd).RemainingMilliseconds;
            int taken = _listener.Take(_batch, Allowance, Math.Min(wait, _watcher?.PatienceMilliseconds ?? wait));
            if (_listener.Backlog.TryTakeNotice())
            {
                _consumer.OnOutputFull();
            }

            if (taken == 0 && idleEnd.HasPassed)
            {
                // The process may have been stopped meanwhile, so that the time has passed, and not in silence.
                taken = _listener.TakeArrived(_batch, Allowance);
                if (taken == 0)
                {
                    return;
                }
            }

            if (taken == 0)
            {
                _watcher?.Note(_delivered, end);
                continue;
            }

            DeliverBatch(taken, end);
            idleEnd = Deadline.AfterOrNever(_limits.IdleTimeoutSeconds);
        }
    }

    private int Allowance =>
        _limits.Count == 0 ? BatchLength : (int)Math.Min(BatchLength, _limits.Count - _delivered);

    private void DeliverBatch(int taken, Deadline end)
    {
        try
        {
            DeliverEach(taken, end);
        }
        finally
        {
            _listener.FlushAcks();
        }
    }

    private void DeliverEach(int taken, Deadline end)
    {
        Abandoned = taken;
        for (int i = 0; i < taken && !_listener.IsStopped && !end.HasPassed; i++)
        {
            UdpMessage message = _batch[i];
            _batch[i] = null!;
            if (_listener.Duplicates?.Find(message) is { } original)
            {
                Abandoned--;
                _listener.Backlog.Remove(message.Length);
                Repeat(message, original);
                continue;
            }

            message.Sequence -= _duplicates;
            _listener.Backlog.BeginDelivery(message.Length);
            try
            {
                _consumer.Deliver(message);
            }
            catch (Exception exception) when (_consumer.CountsAsDelivered(exception))
            {
                Abandoned--;
                Acknowledge(message);
                throw;
            }

            Abandoned--;
            _listener.Backlog.EndDelivery(message.Length);
            Acknowledge(message);
            _delivered++;
            _watcher?.Note(_delivered, end);
        }
    }

    private void Acknowledge(UdpMessage message)
    {
        _listener.CountDelivered();
        if (!_consumer.TryCreateAck(message, out byte[]? ack))
        {
            return;
        }

        // A duplicate gets it again, whatever becomes of it now.
        message.Ack = ack;
        _listener.Duplicates?.Remember(message);
        Send(message, ack);
    }

    // Handled, it is not delivered again. Its sender has perhaps not received the ack, and gets the same.
    private void Repeat(UdpMessage message, UdpMessage original)
    {
        _duplicates++;
        _listener.CountDuplicate();
        Send(message, original.Ack);
    }

    private void Send(UdpMessage message, byte[]? ack)
    {
        if (ack is not null)
        {
            _consumer.OnAcknowledged(_listener.Acknowledge(message, ack, _consumer.ReportsAllOutcomes));
        }
    }
}
