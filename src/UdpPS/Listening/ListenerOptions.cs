using System.Text;
using UdpPS.Sockets;

namespace UdpPS.Listening;

/// <summary>Everything a listener is told at its start.</summary>
internal sealed record ListenerOptions : BindOptions
{
    /// <summary>Messages held between socket and pipeline.</summary>
    internal int QueueLength { get; init; } = 65536;

    /// <summary>Who may send; null for everyone.</summary>
    internal AllowList? AllowFrom { get; init; }

    /// <summary>How text is decoded, and the ack's text encoded.</summary>
    internal Encoding Encoding { get; init; } = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Acks per second and source address; 0 for no limit.</summary>
    internal double MaximumAcksPerSecond { get; init; }

    /// <summary>How long a repeated datagram is known for one; 0 for not at all.</summary>
    internal double DuplicateWindowSeconds { get; init; }
}
