using System;
using System.Net;
using System.Net.Sockets;

namespace UdpPS.Sending;

/// <summary>Sends messages; their answers are the <see cref="AckCollector"/>'s matter.</summary>
internal sealed class UdpSender : IDisposable
{
    // What a 16-bit length leaves after the headers: IPv4 counts its own header in (RFC 791), IPv6 does not (RFC 8200).
    private const int MaximumPayloadIPv4 = 65507;
    private const int MaximumPayloadIPv6 = 65527;

    private readonly ConversationPool _pool;

    internal UdpSender(SendOptions options) => _pool = new ConversationPool(options);

    /// <summary>The longest payload one datagram to an address can carry, in bytes.</summary>
    internal static int MaximumPayload(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 ? MaximumPayloadIPv6 : MaximumPayloadIPv4;

    /// <summary>Sends a message as one datagram.</summary>
    /// <exception cref="SocketException">
    /// It could not be sent; <see cref="SocketError.MessageSize"/> when it is longer than a datagram can be.
    /// </exception>
    internal void Send(UdpSentMessage message)
    {
        if (message.Length > MaximumPayload(message.RemoteEndPoint.Address))
        {
            throw new SocketException((int)SocketError.MessageSize);
        }

        _pool.Send(message);
    }

    public void Dispose() => _pool.Dispose();
}
