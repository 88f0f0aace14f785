using System;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using UdpPS.Display;

namespace UdpPS;

/// <summary>One datagram that was sent, and what has become of it.</summary>
/// <remarks>
/// It keeps the socket it was sent from, out of sight, until it is settled: the answer waits there for Receive-UdpAck.
/// </remarks>
public sealed class UdpSentMessage
{
    private readonly IPEndPoint _remoteEndPoint;
    private readonly Encoding _encoding;
    private string? _message;

    internal UdpSentMessage(string server, IPEndPoint remoteEndPoint, byte[] bytes, string? message, Encoding encoding)
    {
        Server = server;
        _remoteEndPoint = remoteEndPoint;
        Bytes = bytes;
        _message = message;
        _encoding = encoding;
    }

    /// <summary>The server as it was given: a name or an address.</summary>
    public string Server { get; }

    /// <summary>The address it was sent to.</summary>
    public string RemoteAddress => _remoteEndPoint.Address.ToString();

    /// <summary>The port it was sent to.</summary>
    public int Port => _remoteEndPoint.Port;

    /// <summary>The port it was sent from. The answer comes to it, and to nobody else's.</summary>
    public int LocalPort { get; internal set; }

    /// <summary>The message as text.</summary>
    public string Message => _message ??= PayloadText.Decode(Bytes, PayloadText.Replacing(_encoding));

    /// <summary>The payload, exactly as it was sent.</summary>
    public byte[] Bytes { get; }

    /// <summary>The length of the payload in bytes.</summary>
    public int Length => Bytes.Length;

    /// <summary>When it was sent first, in local time.</summary>
    public DateTime SentAt => SentAtUtc.ToLocalTime();

    /// <summary>What is known of it.</summary>
    public UdpSendStatus Status { get; internal set; }

    /// <summary>
    /// Why there is no ack, and who said so, in words; null where there is one, where nobody has asked for it yet, and where
    /// nothing is known but silence.
    /// </summary>
    public string? Reason { get; internal set; }

    /// <summary>How often it was sent: 1, and one more for each re-transmission.</summary>
    public int Attempts { get; internal set; }

    /// <inheritdoc cref="UdpAck.RoundTripMilliseconds"/>
    public double? RoundTripMilliseconds => Ack?.RoundTripMilliseconds;

    /// <summary>The answer; null until Receive-UdpAck has found one.</summary>
    public UdpAck? Ack { get; internal set; }

    internal IPEndPoint RemoteEndPoint => _remoteEndPoint;

    internal DateTime SentAtUtc { get; set; }

    /// <summary>When it was sent last, on the monotonic clock.</summary>
    internal long LastSentTimestamp { get; set; }

    /// <summary>How many of the attempts an answer that comes now could belong to.</summary>
    internal int AnswerableAttempts { get; set; }

    /// <summary>Null once it is settled and nothing more can come.</summary>
    internal IReplyChannel? Channel { get; set; }

    /// <summary>The answer, from the moment it was matched, though nobody may have asked for it yet.</summary>
    internal UdpReply? Reply { get; set; }

    /// <summary>Further responders, where everyone who answers was asked for.</summary>
    internal FurtherReplies? FurtherReplies { get; set; }

    /// <summary>Where an empty datagram came from, which acknowledges nothing; null where none came.</summary>
    internal IPEndPoint? EmptyReplyFrom { get; set; }

    /// <summary>What the network reported of the last attempt, if anything.</summary>
    internal SocketError? NetworkReport { get; set; }

    /// <summary>
    /// Answers came to its port, or may have, that could belong to another message as well as to this one.
    /// </summary>
    internal bool IsUnmatched { get; set; }

    internal bool IsSettled => Status != UdpSendStatus.Sent;

    /// <summary>The message's text, made safe to show, as <see cref="ControlCharacterEscaper.Escape"/> does.</summary>
    /// <returns><see cref="Message"/> with control and format characters as visible signs.</returns>
    public override string ToString() => ControlCharacterEscaper.Escape(Message);

    /// <summary>Makes the answer that came into the public object.</summary>
    internal UdpAck CreateAck(UdpReply reply, Encoding encoding)
    {
        bool isTimed = AnswerableAttempts == 1 && reply.IsTimed;
        double? roundTrip = isTimed
            ? (reply.Timestamp - LastSentTimestamp) * 1000.0 / Stopwatch.Frequency
            : null;
        return new UdpAck(this, reply.Bytes, reply.RemoteEndPoint, reply.ReceivedAtUtc, roundTrip, Attempts, encoding);
    }
}
