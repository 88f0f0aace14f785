using System;

namespace UdpPS.Listening;

/// <summary>Takes messages from a listener, delivers each, and only then acknowledges it.</summary>
internal sealed class DeliveryLoop
{
    private const int BatchLength = 64;

    private readonly UdpListener _listener;
    private readonly IMessageConsumer _consumer;
    private readonly DeliveryLimits _limits;
    private readonly UdpMessage[] _batch = new UdpMessage[BatchLength];

    internal DeliveryLoop(UdpListener listener, IMessageConsumer consumer, DeliveryLimits limits)
    {
        _listener = listener;
        _consumer = consumer;
        _limits = limits;
    }

    /// <summary>Messages that were taken from the listener and not delivered, because the delivery ended among them.</summary>
    internal int Abandoned { get; private set; }

    /// <summary>Runs until a limit is reached or the listener is stopped.</summary>
    internal void Run()
    {
        Deadline end = Deadline.AfterOrNever(_limits.TimeoutSeconds);
        Deadline idleEnd = Deadline.AfterOrNever(_limits.IdleTimeoutSeconds);
        long delivered = 0;
        while (!_listener.IsStopped && !end.HasPassed && (_limits.Count == 0 || delivered < _limits.Count))
        {
            int taken = _listener.Take(
                _batch, Allowance(delivered), Deadline.Earlier(end, idleEnd).RemainingMilliseconds);
            TellNotices();
            if (taken == 0)
            {
                if (idleEnd.HasPassed)
                {
                    return;
                }

                continue;
            }

            DeliverBatch(taken, end);
            delivered += taken;
            idleEnd = Deadline.AfterOrNever(_limits.IdleTimeoutSeconds);
        }
    }

    private void TellNotices()
    {
        while (_listener.TryTakeNotice(out AckOutcome notice))
        {
            _consumer.OnAnswered(notice);
        }
    }

    private int Allowance(long delivered) =>
        _limits.Count == 0 ? BatchLength : (int)Math.Min(BatchLength, _limits.Count - delivered);

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
            try
            {
                _consumer.Deliver(message);
            }
            catch (Exception exception) when (_consumer.IsTaken(exception))
            {
                Abandoned--;
                Acknowledge(message);
                throw;
            }

            Abandoned--;
            Acknowledge(message);
        }
    }

    private void Acknowledge(UdpMessage message)
    {
        _listener.CountDelivered();
        if (_consumer.CreateAnswer(message) is { } answer)
        {
            _consumer.OnAnswered(_listener.Acknowledge(message, answer, _consumer.WantsEveryOutcome));
        }
    }
}
