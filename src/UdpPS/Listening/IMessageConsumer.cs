using System;

namespace UdpPS.Listening;

/// <summary>Where messages are delivered to: a pipeline, or a job's output. Called from one thread only.</summary>
internal interface IMessageConsumer
{
    /// <summary>Whether every answer is told of, as it leaves; otherwise only what is out of the ordinary must be.</summary>
    bool WantsEveryOutcome { get; }

    /// <summary>Hands a message over. Returns when all that follows has run for it; throws when that failed.</summary>
    void Deliver(UdpMessage message);

    /// <summary>
    /// Whether an exception that ended <see cref="Deliver"/> says that the message was taken all the same, and that it
    /// shall be the last.
    /// </summary>
    bool IsTaken(Exception endOfDelivery);

    /// <summary>The answer to a message that was delivered; null for none.</summary>
    byte[]? CreateAnswer(UdpMessage message);

    /// <summary>Told what became of an answer.</summary>
    void OnAnswered(in AckOutcome outcome);
}
