using System;
using System.Diagnostics;
using System.Net;
using System.Text;
using UdpPS.Display;

namespace UdpPS;

/// <summary>One datagram that a listener received.</summary>
/// <remarks>
/// Text and addresses are made only when they are asked for, so that a script that reads one property pays for one.
/// </remarks>
public sealed class UdpMessage
{
    private readonly Encoding _encoding;
    private readonly IPAddress _localAddress;
    private readonly DateTime _receivedAtUtc;
    private string? _message;
    private string? _remoteAddress;
    private string? _localAddressText;

    /// <summary>
    /// Makes a message as a listener on 127.0.0.1:4010 emits it, to test without a network what takes one. It came just now.
    /// </summary>
    /// <param name="message">The text, which is sent in UTF-8.</param>
    /// <param name="remoteAddress">The address that it came from.</param>
    /// <param name="remotePort">The port that it came from, 0 to 65535.</param>
    /// <exception cref="ArgumentNullException">A text is missing.</exception>
    /// <exception cref="FormatException">The address is none.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The port is none.</exception>
    public UdpMessage(string message, string remoteAddress, int remotePort)
        : this(Encoding.UTF8.GetBytes(message), remoteAddress, remotePort)
    {
    }

    /// <inheritdoc cref="UdpMessage(string, string, int)"/>
    /// <param name="bytes">The payload.</param>
    /// <param name="remoteAddress">The address that it came from.</param>
    /// <param name="remotePort">The port that it came from, 0 to 65535.</param>
    public UdpMessage(byte[] bytes, string remoteAddress, int remotePort)
        : this(
            bytes ?? throw new ArgumentNullException(nameof(bytes)),
            ParseEndPoint(remoteAddress, remotePort),
            IPAddress.Loopback,
            localPort: 4010,
            sequence: 1,
            DateTime.UtcNow,
            Stopwatch.GetTimestamp(),
            Encoding.UTF8)
    {
    }

    internal UdpMessage(
        byte[] bytes,
        IPEndPoint remoteEndPoint,
        IPAddress localAddress,
        int localPort,
        long sequence,
        DateTime receivedAtUtc,
        long receivedTimestamp,
        Encoding encoding)
    {
        Bytes = bytes;
        RemoteEndPoint = remoteEndPoint;
        _localAddress = localAddress;
        LocalPort = localPort;
        Sequence = sequence;
        _receivedAtUtc = receivedAtUtc;
        ReceivedTimestamp = receivedTimestamp;
        _encoding = encoding;
    }

    /// <summary>The address the datagram came from. An IPv4 address is always shown as such, never as <c>::ffff:</c>.</summary>
    public string RemoteAddress => _remoteAddress ??= RemoteEndPoint.Address.ToString();

    /// <summary>The port the datagram came from.</summary>
    public int RemotePort => RemoteEndPoint.Port;

    /// <summary>The address of this machine that the datagram was sent to; a group's address when it came by multicast.</summary>
    public string LocalAddress => _localAddressText ??= _localAddress.ToString();

    /// <summary>The port the datagram was sent to.</summary>
    public int LocalPort { get; }

    /// <summary>
    /// The payload as text in the listener's encoding, without a byte order mark at its start. <see cref="Bytes"/> is exact
    /// whatever the encoding.
    /// </summary>
    public string Message => _message ??= PayloadText.Decode(Bytes, _encoding);

    /// <summary>The payload, exactly as it came. Empty for an empty datagram, which is a message too.</summary>
    public byte[] Bytes { get; }

    /// <summary>The length of the payload in bytes.</summary>
    public int Length => Bytes.Length;

    /// <summary>When the listener read the datagram, in local time.</summary>
    public DateTime ReceivedAt => _receivedAtUtc.ToLocalTime();

    /// <summary>
    /// The number of this message among those that the listener read and allowed, from 1; duplicates have none. A gap is a
    /// message that was dropped because the queue was full.
    /// </summary>
    public long Sequence { get; internal set; }

    internal IPEndPoint RemoteEndPoint { get; }

    internal IPAddress LocalIPAddress => _localAddress;

    /// <summary>When it was read, on the monotonic clock.</summary>
    internal long ReceivedTimestamp { get; }

    /// <summary>The ack, once there is one; a duplicate gets the same again.</summary>
    internal byte[]? Ack { get; set; }

    /// <summary>The message's text, made safe to show, as <see cref="ControlCharacterEscaper.Escape"/> does.</summary>
    /// <returns><see cref="Message"/> with control and format characters as visible signs.</returns>
    public override string ToString() => ControlCharacterEscaper.Escape(Message);

    /// <summary>Where a message or an ack that is made by hand came from.</summary>
    internal static IPEndPoint ParseEndPoint(string address, int port)
    {
        IPAddress parsed = IPAddress.Parse(address);
        return new IPEndPoint(parsed.IsIPv4MappedToIPv6 ? parsed.MapToIPv4() : parsed, port);
    }
}
