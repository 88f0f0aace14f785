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
    private readonly Encoding _encoding;
    private readonly int _port;
    private string? _message;

    /// <param name="server">As it was given.</param>
    /// <param name="remoteEndPoint">Where it goes.</param>
    /// <param name="bytes">The payload.</param>
    /// <param name="message">The text that the payload was made of; null when bytes were given.</param>
    /// <param name="encoding">How bytes become text.</param>
    internal UdpSentMessage(string server, IPEndPoint remoteEndPoint, byte[] bytes, string? message, Encoding encoding)
        : this(server, remoteEndPoint.Port, bytes, message, encoding) => RemoteEndPoint = remoteEndPoint;

    /// <summary>One that is for an address that is not known.</summary>
    internal UdpSentMessage(string server, int port, byte[] bytes, string? message, Encoding encoding)
    {
        Server = ControlCharacterEscaper.Escape(server);
        _port = port;
        Bytes = bytes;
        _message = message;
        _encoding = encoding;
    }

    /// <summary>The server as it was given: a name or an address. What neither has, control characters, are visible signs.</summary>
    public string Server { get; }

    /// <summary>The address it was sent to; null where the server has none that is known.</summary>
    public string? RemoteAddress => KnownEndPoint?.Address.ToString();

    /// <summary>The port it was sent to; 0 for one that cannot be read.</summary>
    public int Port => _port;

    /// <summary>
    /// The address it was sent from; null where that is not known: for a broadcast or a group without -LocalAddress, and for what
    /// was not sent.
    /// </summary>
    public string? LocalAddress => LocalIPAddress?.ToString();

    /// <summary>The port it was sent from. The answer comes to it, and to nobody else's.</summary>
    public int LocalPort { get; internal set; }

    /// <summary>The message as text.</summary>
    public string Message => _message ??= PayloadText.Decode(Bytes, PayloadText.Replacing(_encoding));

    /// <summary>The payload, exactly as it was sent.</summary>
    public byte[] Bytes { get; }

    /// <summary>The length of the payload in bytes.</summary>
    public int Length => Bytes.Length;

    /// <summary>When it was sent first, or given up if it was not, in local time.</summary>
    public DateTime SentAt => SentAtUtc.ToLocalTime();

    /// <summary>What is known of it.</summary>
    public UdpSendStatus Status { get; internal set; }

    /// <summary>
    /// Why there is no ack, and who said so, or why it was not sent, in words; null where there is an ack, where nobody has asked
    /// for it yet, and where nothing is known but silence.
    /// </summary>
    public string? Reason { get; internal set; }

    /// <summary>How often it was sent: 1, and one more for each re-transmission; 0 if it was not.</summary>
    public int Attempts { get; internal set; }

    /// <inheritdoc cref="UdpAck.RoundTripMilliseconds"/>
    public double? RoundTripMilliseconds => Ack?.RoundTripMilliseconds;

    /// <summary>The answer; null until Receive-UdpAck has found one.</summary>
    public UdpAck? Ack { get; internal set; }

    /// <summary>
    /// What came down the pipeline for it, such as the row of a CSV; null for a text, bytes, and what was given as an argument.
    /// </summary>
    public object? InputObject { get; internal set; }

    /// <summary>Where it goes; null when that is not known, and it is not sent.</summary>
    internal IPEndPoint? KnownEndPoint { get; private set; }

    /// <summary>Where it goes. What is sent has one.</summary>
    internal IPEndPoint RemoteEndPoint
    {
        get => KnownEndPoint ?? throw new InvalidOperationException("The address is not known.");
        set => KnownEndPoint = value;
    }

    internal IPAddress? LocalIPAddress { get; set; }

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

    /// <summary>Settles a message that cannot be sent.</summary>
    internal void GiveUp(string reason)
    {
        SentAtUtc = DateTime.UtcNow;
        Status = UdpSendStatus.NotSent;
        Reason = reason;
    }

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
