using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using UdpPS.Sockets;

namespace UdpPS.Listening;

/// <summary>
/// Decides whether an ack may leave, so that nobody can make the listener loop, or use it against another machine.
/// Not thread-safe.
/// </summary>
internal sealed class AckPolicy
{
    /// <summary>How much longer than the message an ack to an unproven address may be (RFC 9000 section 8).</summary>
    private const int MaximumAmplification = 3;

    // IPv4 and UDP header, IPv6 and UDP header: counted, since they travel too.
    private const int HeadersIPv4 = 28;
    private const int HeadersIPv6 = 48;

    private readonly LoopRule _loopRule = new();
    private readonly LocalAddresses _localAddresses;
    private readonly AckRateLimiter? _rateLimiter;
    private readonly IPEndPoint _bound;
    private readonly bool _hasProvenSources;

    /// <param name="bound">Where the listener is bound.</param>
    /// <param name="localAddresses">This machine's addresses.</param>
    /// <param name="maximumPerSecond">Acks per second and source address; 0 for no limit.</param>
    /// <param name="hasProvenSources">Whether only sources that the user named are heard at all.</param>
    internal AckPolicy(IPEndPoint bound, LocalAddresses localAddresses, double maximumPerSecond, bool hasProvenSources)
    {
        _bound = bound;
        _localAddresses = localAddresses;
        _hasProvenSources = hasProvenSources;
        _rateLimiter = maximumPerSecond > 0 ? new AckRateLimiter(maximumPerSecond, Stopwatch.GetTimestamp()) : null;
    }

    /// <summary>Decides on an ack that is about to leave.</summary>
    /// <param name="message">What it acknowledges.</param>
    /// <param name="ack">Its payload.</param>
    /// <param name="now">The time, on the monotonic clock.</param>
    /// <param name="isNewLoop">Whether it is the first to be withheld as part of what looks like a loop, for the one warning.</param>
    internal AckSuppression Evaluate(UdpMessage message, byte[] ack, long now, out bool isNewLoop)
    {
        isNewLoop = false;
        IPEndPoint remote = message.RemoteEndPoint;
        if (ack.SequenceIs(message.Bytes))
        {
            return AckSuppression.OwnAck;
        }

        if (IsReserved(remote.Port))
        {
            return AckSuppression.ReservedPort;
        }

        if (ack.Length > DatagramSize.MaximumPayload(remote.Address))
        {
            return AckSuppression.TooLong;
        }

        if (IsTooLarge(message, ack))
        {
            return AckSuppression.TooLarge;
        }

        return EvaluateSource(message, now, out isNewLoop);
    }

    // echo (RFC 862), daytime (RFC 867), quotd (RFC 865), chargen (RFC 864), time (RFC 868):
    // services that answer whatever comes. Port 0 is none.
    private static bool IsReserved(int port) => port is 0 or 7 or 13 or 17 or 19 or 37;

    private AckSuppression EvaluateSource(UdpMessage message, long now, out bool isNewLoop)
    {
        isNewLoop = false;
        IPEndPoint remote = message.RemoteEndPoint;
        if (remote.Port == _bound.Port && IsOwn(remote.Address))
        {
            return AckSuppression.OwnEndPoint;
        }

        AddressBits address = AddressBits.Of(remote);
        if (address.IsUnspecified() || _localAddresses.IsMulticastOrBroadcast(address))
        {
            return AckSuppression.NoHost;
        }

        if (_rateLimiter?.TryTake(remote.Address, now) == false)
        {
            return AckSuppression.RateLimit;
        }

        // The last to ask, since it remembers the ack as one that leaves.
        return _loopRule.Allows(message, now, out isNewLoop) ? AckSuppression.None : AckSuppression.Loop;
    }

    private bool IsOwn(IPAddress address) =>
        _bound.Address.IsWildcard() ? _localAddresses.Contains(address) : _bound.Address.Equals(address);

    private bool IsTooLarge(UdpMessage message, byte[] ack)
    {
        IPAddress source = message.RemoteEndPoint.Address;
        if (_hasProvenSources || IPAddress.IsLoopback(source))
        {
            return false;
        }

        int headers = source.AddressFamily == AddressFamily.InterNetworkV6 ? HeadersIPv6 : HeadersIPv4;
        return ack.Length + headers > MaximumAmplification * (message.Length + headers);
    }
}
