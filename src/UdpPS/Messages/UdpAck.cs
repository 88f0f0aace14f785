using System;
using System.Text;
using UdpPS.Display;
using UdpPS.Sending;

namespace UdpPS;

/// <summary>A peer's reply to a message that was sent.</summary>
public sealed class UdpAck
{
    private readonly Reply _reply;
    private readonly Encoding _encoding;
    private readonly UdpSentMessage _sent;
    private string? _message;

    /// <summary>
    /// Makes an ack as Receive-UdpAck emits it, to test without a network what takes one. It came just now, to the first attempt,
    /// after a round trip that is not known.
    /// </summary>
    /// <param name="message">The text, which is sent in UTF-8.</param>
    /// <param name="remoteAddress">The address that it came from, and that was asked.</param>
    /// <param name="port">The port that it came from, 0 to 65535.</param>
    /// <param name="sentMessage">The text of the message that it acknowledges.</param>
    /// <exception cref="ArgumentNullException">A text is missing.</exception>
    /// <exception cref="FormatException">The address is none.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The port is none.</exception>
    public UdpAck(string message, string remoteAddress, int port, string sentMessage)
        : this(
            new UdpSentMessage(
                remoteAddress,
                UdpMessage.ParseEndPoint(remoteAddress, port),
                Encoding.UTF8.GetBytes(sentMessage),
                sentMessage,
                Encoding.UTF8),
            new Reply(
                Encoding.UTF8.GetBytes(message),
                UdpMessage.ParseEndPoint(remoteAddress, port),
                DateTime.UtcNow,
                RoundTripMilliseconds: null),
            attempts: 1,
            Encoding.UTF8)
    {
    }

    internal UdpAck(UdpSentMessage sent, Reply reply, int attempts, Encoding encoding)
    {
        _sent = sent;
        _reply = reply;
        Attempts = attempts;
        _encoding = encoding;
    }

    /// <summary>The server as it was given to Send-UdpMessage: a name or an address.</summary>
    public string Server => _sent.Server;

    /// <summary>The address the reply came from. For broadcast and multicast it is the responder's own.</summary>
    public string RemoteAddress => _reply.RemoteEndPoint.Address.ToString();

    /// <summary>The port the reply came from.</summary>
    public int Port => _reply.RemoteEndPoint.Port;

    /// <summary>The ack as text, in the encoding given to Receive-UdpAck, without a byte order mark at its start.</summary>
    public string Message => _message ??= PayloadText.Decode(Bytes, _encoding);

    /// <summary>The ack, exactly as it came.</summary>
    public byte[] Bytes => _reply.Bytes;

    /// <summary>The length of the reply in bytes.</summary>
    public int Length => Bytes.Length;

    /// <summary>
    /// Milliseconds from the send to the reply, or null where it cannot be known: after a re-transmission, when either
    /// attempt could have drawn the reply (Karn's algorithm, RFC 6298 section 3), and where nobody waited for it yet when it came,
    /// unless the system tells when that was: Linux does.
    /// </summary>
    public double? RoundTripMilliseconds => _reply.RoundTripMilliseconds;

    /// <summary>How often the message had been sent when the reply came.</summary>
    public int Attempts { get; }

    /// <summary>When the reply came, in local time; where the system does not tell, when it was read.</summary>
    public DateTime ReceivedAt => _reply.ReceivedAtUtc.ToLocalTime();

    /// <summary>The text of the message that this acknowledges.</summary>
    public string SentMessage => _sent.Message;

    /// <inheritdoc cref="UdpSentMessage.InputObject"/>
    public object? InputObject => _sent.InputObject;

    /// <summary>The reply's text, made safe to show, as <see cref="ControlCharacterEscaper.Escape"/> does.</summary>
    /// <returns><see cref="Message"/> with control and format characters as visible signs.</returns>
    public override string ToString() => ControlCharacterEscaper.Escape(Message);
}
