using System;
using System.Net;

namespace UdpPS;

/// <summary>A datagram that answers a sent message, before anybody asked for it as text.</summary>
/// <param name="Bytes">The payload, exactly as it came.</param>
/// <param name="RemoteEndPoint">Where it came from.</param>
/// <param name="ReceivedAtUtc">When it was read.</param>
/// <param name="Timestamp">When it came, on the monotonic clock.</param>
/// <param name="IsTimed">Whether that is known; otherwise it is when it was found.</param>
internal sealed record UdpReply(byte[] Bytes, IPEndPoint RemoteEndPoint, DateTime ReceivedAtUtc, long Timestamp, bool IsTimed);
