using System;
using System.Net;
using System.Text;
using UdpPS.Display;
using UdpPS.Sending;

namespace UdpPS;

/// <summary>One datagram that was sent, and what has become of it.</summary>
/// <remarks>
/// The socket that it was sent from stays open until it is settled, or expires: its ack waits there for Receive-UdpAck.
/// </remarks>
public sealed class UdpSentMessage
{
    private readonly Encoding _encoding;
    private readonly int _port;
    private string? _message;
    private string? _reason;
    private DateTime _givenUpAtUtc;

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
    /// The address it was sent from; null where that is not known: for a broadcast, a group or a fixed port without -LocalAddress,
    /// and for what was not sent.
    /// </summary>
    public string? LocalAddress => Exchange?.LocalAddress?.ToString();

    /// <summary>The port it was sent from, and that its replies come to; 0 if it was not sent.</summary>
    public int LocalPort => Exchange?.LocalPort ?? 0;

    /// <summary>The message as text.</summary>
    public string Message => _message ??= PayloadText.Decode(Bytes, PayloadText.Replacing(_encoding));

    /// <summary>The payload, exactly as it was sent.</summary>
    public byte[] Bytes { get; }

    /// <summary>The length of the payload in bytes.</summary>
    public int Length => Bytes.Length;

    /// <summary>When it was sent first, or given up if it was not, in local time.</summary>
    public DateTime SentAt => (Exchange?.SentAtUtc ?? _givenUpAtUtc).ToLocalTime();

    /// <summary>What is known of it.</summary>
    public UdpSendStatus Status { get; internal set; }

    /// <summary>
    /// Why there is no ack, and who said so, or why it was not sent, in words; null where there is an ack, where nobody has asked
    /// for it yet, and where nothing is known but silence. A message that nobody asked about in time has one too.
    /// </summary>
    public string? Reason
    {
        get => _reason ?? (IsSettled ? null : Exchange?.ExpiryReason);
        internal set => _reason = value;
    }

    /// <summary>How often it was sent: 1, and one more for each re-transmission; 0 if it was not.</summary>
    public int Attempts => Exchange?.Attempts ?? 0;

    /// <inheritdoc cref="UdpAck.RoundTripMilliseconds"/>
    public double? RoundTripMilliseconds => Ack?.RoundTripMilliseconds;

    /// <summary>The reply that acknowledges it; null until Receive-UdpAck has found one.</summary>
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

    /// <summary>Its way through the network; null where it was not sent.</summary>
    internal Exchange? Exchange { get; set; }

    internal bool IsSettled => Status != UdpSendStatus.Sent;

    /// <summary>Settles a message that cannot be sent.</summary>
    internal void GiveUp(string reason)
    {
        _givenUpAtUtc = DateTime.UtcNow;
        Status = UdpSendStatus.NotSent;
        Reason = reason;
    }

    /// <summary>The message's text, made safe to show, as <see cref="ControlCharacterEscaper.Escape"/> does.</summary>
    /// <returns><see cref="Message"/> with control and format characters as visible signs.</returns>
    public override string ToString() => ControlCharacterEscaper.Escape(Message);
}
