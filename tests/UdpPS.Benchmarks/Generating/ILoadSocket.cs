using System;

namespace UdpPS.Benchmarks.Generating;

/// <summary>Sends numbered messages, and takes acks and checks them.</summary>
internal interface ILoadSocket : IDisposable
{
    /// <summary>Sends at most so many messages, numbered upwards.</summary>
    /// <returns>How many were sent.</returns>
    int Send(long firstNumber, int count);

    /// <summary>Takes at least one ack.</summary>
    /// <exception cref="LoadFailedException">None came in time, or one is not what it must be.</exception>
    int Receive();

    /// <summary>Whether there is an ack that nobody can have asked for.</summary>
    bool HasMore();
}
