using System;
using System.Collections.Generic;
using System.Net.Sockets;
using UdpPS.Sockets;

namespace UdpPS.Sending;

/// <summary>Sends messages; their answers are the <see cref="AckCollector"/>'s matter.</summary>
internal sealed class UdpSender : IDisposable
{
    private readonly ConversationPool _pool;

    internal UdpSender(SendOptions options) => _pool = new ConversationPool(options);

    /// <summary>Sends a message as one datagram.</summary>
    /// <exception cref="SocketException">
    /// It could not be sent; <see cref="SocketError.MessageSize"/> when it is longer than a datagram can be.
    /// </exception>
    internal void Send(UdpSentMessage message)
    {
        ThrowIfTooLong(message);
        _pool.Send(message);
    }

    /// <summary>
    /// Whether messages may leave together: nobody has kept those before, so nobody waits for the answer to one before the
    /// next leaves.
    /// </summary>
    internal bool MaySendTogether => _pool.MaySendTogether;

    /// <summary>Sends messages to one peer, as many together as the system takes.</summary>
    /// <param name="messages">What to send, all to the same peer.</param>
    /// <param name="offset">The first of them.</param>
    /// <returns>How many were sent, from the first on: at least one, perhaps not all.</returns>
    /// <exception cref="SocketException">The first could not be sent, as with <see cref="Send"/>.</exception>
    internal int SendMany(IReadOnlyList<UdpSentMessage> messages, int offset)
    {
        if (MaySendTogether && offset < messages.Count - 1)
        {
            // Only the first may throw; the system stops before another one that is too long.
            ThrowIfTooLong(messages[offset]);
            return _pool.SendMany(messages, offset);
        }

        Send(messages[offset]);
        return 1;
    }

    public void Dispose() => _pool.Dispose();

    private static void ThrowIfTooLong(UdpSentMessage message)
    {
        if (message.Length > DatagramSize.MaximumPayload(message.RemoteEndPoint.Address))
        {
            throw new SocketException((int)SocketError.MessageSize);
        }
    }
}
