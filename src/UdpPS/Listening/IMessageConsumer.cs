using System;

namespace UdpPS.Listening;

/// <summary>Where messages are delivered to: a pipeline, or a job's output. Called from one thread only.</summary>
internal interface IMessageConsumer
{
    /// <summary>Whether every ack is reported, as it leaves; otherwise only what is out of the ordinary must be.</summary>
    bool ReportsAllOutcomes { get; }

    /// <summary>Hands a message over. Returns when all that follows has run for it; throws when that failed.</summary>
    void Deliver(UdpMessage message);

    /// <summary>
    /// Whether an exception that ended <see cref="Deliver"/> says that the message was taken all the same, and that it
    /// shall be the last.
    /// </summary>
    bool CountsAsDelivered(Exception endOfDelivery);

    /// <summary>Makes the ack of a message that was delivered.</summary>
    /// <param name="message">The message.</param>
    /// <param name="ack">Its payload; null for no ack.</param>
    /// <returns>False when that failed: the message was not handled.</returns>
    bool TryCreateAck(UdpMessage message, out byte[]? ack);

    /// <summary>Told, once, that messages are dropped because nobody reads those that were delivered.</summary>
    void OnOutputFull();

    /// <summary>Told what became of an ack.</summary>
    void OnAcknowledged(in AckOutcome outcome);
}
