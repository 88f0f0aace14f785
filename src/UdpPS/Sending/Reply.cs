using System;
using System.Net;

namespace UdpPS.Sending;

/// <summary>A datagram that came back for a message.</summary>
/// <param name="Bytes">The payload, exactly as it came.</param>
/// <param name="RemoteEndPoint">Where it came from.</param>
/// <param name="ReceivedAtUtc">When it came; where the system does not tell, when it was read.</param>
/// <param name="RoundTripMilliseconds">How long after the message it came; null where that is not known.</param>
internal sealed record Reply(byte[] Bytes, IPEndPoint RemoteEndPoint, DateTime ReceivedAtUtc, double? RoundTripMilliseconds);
