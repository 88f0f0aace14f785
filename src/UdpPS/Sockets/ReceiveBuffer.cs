using System;

namespace UdpPS.Sockets;

/// <summary>Where datagrams are received before their length is known.</summary>
internal static class ReceiveBuffer
{
    // One for a thread, not for a socket: a sender may have thousands of sockets at rest.
    [ThreadStatic]
    private static byte[]? t_buffer;

    internal static byte[] OfThread() => t_buffer ??= new byte[DatagramSize.Maximum];

    /// <summary>What was received, in an array of its own.</summary>
    internal static byte[] Copy(byte[] buffer, int length)
    {
        if (length == 0)
        {
            return Array.Empty<byte>();
        }

        var payload = new byte[length];
        Buffer.BlockCopy(buffer, 0, payload, 0, length);
        return payload;
    }
}
