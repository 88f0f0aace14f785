using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using UdpPS.Sockets;

namespace UdpPS.Listening;

/// <summary>
/// Decides whether an ack may leave, so that nobody can make the listener loop, or use it against another machine. Called
/// from the receiving and the delivering thread.
/// </summary>
internal sealed class AckPolicy
{
    /// <summary>How much longer than the message an ack to an unproven address may be (RFC 9000 section 8).</summary>
    private const int MaximumAmplification = 3;

    // IPv4 and UDP header, IPv6 and UDP header: counted, since they travel too.
    private const int HeadersIPv4 = 28;
    private const int HeadersIPv6 = 48;

    private readonly object _lock = new();
    private readonly LoopBreaker _loopBreaker = new();
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

    /// <summary>Judges an ack that is about to leave.</summary>
    /// <param name="message">What it acknowledges.</param>
    /// <param name="answer">What it says.</param>
    /// <param name="now">The time, on the monotonic clock.</param>
    /// <param name="isNewLoop">Whether a loop was found just now, for the one warning.</param>
    internal AckSuppression Evaluate(UdpMessage message, byte[] answer, long now, out bool isNewLoop)
    {
        isNewLoop = false;
        IPEndPoint remote = message.RemoteEndPoint;
        if (answer.SequenceIs(message.Bytes))
        {
            return AckSuppression.OwnAnswer;
        }

        if (IsReserved(remote.Port))
        {
            return AckSuppression.ReservedPort;
        }

        if (answer.Length > DatagramSize.MaximumPayload(remote.Address))
        {
            return AckSuppression.TooLong;
        }

        if (IsTooLarge(message, answer))
        {
            return AckSuppression.TooLarge;
        }

        lock (_lock)
        {
            return JudgeSource(message, now, out isNewLoop);
        }
    }

    // echo (RFC 862), daytime (RFC 867), quotd (RFC 865), chargen (RFC 864), time (RFC 868):
    // services that answer whatever comes. Port 0 is none.
    private static bool IsReserved(int port) => port is 0 or 7 or 13 or 17 or 19 or 37;

    private AckSuppression JudgeSource(UdpMessage message, long now, out bool isNewLoop)
    {
        isNewLoop = false;
        IPEndPoint remote = message.RemoteEndPoint;
        if (remote.Port == _bound.Port && IsOwn(remote.Address))
        {
            return AckSuppression.OwnEndPoint;
        }

        if (_localAddresses.IsMulticastOrBroadcast(remote.Address))
        {
            return AckSuppression.GroupSource;
        }

        if (!_loopBreaker.Allows(message, now, out isNewLoop))
        {
            return AckSuppression.Loop;
        }

        return _rateLimiter?.TryTake(remote.Address, now) == false ? AckSuppression.RateLimit : AckSuppression.None;
    }

    private bool IsOwn(IPAddress address) =>
        _bound.Address.IsWildcard() ? _localAddresses.Contains(address) : _bound.Address.Equals(address);

    private bool IsTooLarge(UdpMessage message, byte[] answer)
    {
        IPAddress source = message.RemoteEndPoint.Address;
        if (_hasProvenSources || IPAddress.IsLoopback(source))
        {
            return false;
        }

        int headers = source.AddressFamily == AddressFamily.InterNetworkV6 ? HeadersIPv6 : HeadersIPv4;
        return answer.Length + headers > MaximumAmplification * (message.Length + headers);
    }
}
