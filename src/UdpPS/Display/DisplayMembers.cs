using System;
using System.ComponentModel;
using System.Globalization;
using System.Management.Automation;

namespace UdpPS.Display;

/// <summary>The hidden members PSView* that views show in place of the exact ones.</summary>
/// <remarks>
/// Public only because PowerShell calls what UdpPS.Types.ps1xml names; not for use by programs. The members are no script, so they
/// work in constrained language too. Objects from a job or a file have them as well, and have no class any more.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class DisplayMembers
{
    // The widest that every table has room for in a terminal of 60 columns, and half of it has two groups of an IPv6 address.
    private const int ShortLength = 19;

    /// <summary>The message, made visible.</summary>
    /// <param name="source">A message or an ack.</param>
    /// <returns>Empty where there is none.</returns>
    public static string GetMessage(PSObject source) => Show(source, nameof(UdpMessage.Message));

    /// <summary>The text that an ack answers, made visible.</summary>
    /// <param name="source">An ack.</param>
    /// <returns>Empty where there is none.</returns>
    public static string GetSentMessage(PSObject source) => Show(source, nameof(UdpAck.SentMessage));

    /// <summary>The text of the ack, made visible.</summary>
    /// <param name="source">A sent message.</param>
    /// <returns>Empty where there is none.</returns>
    public static string GetAck(PSObject source) => Show(source, nameof(UdpSentMessage.Ack));

    /// <summary>Why there is no ack, made visible.</summary>
    /// <param name="source">A sent message.</param>
    /// <returns>Empty where nothing is known.</returns>
    public static string GetReason(PSObject source) => Show(source, nameof(UdpSentMessage.Reason));

    /// <summary>The server, made visible.</summary>
    /// <param name="source">A sent message or an ack.</param>
    /// <returns>Empty where there is none.</returns>
    public static string GetServer(PSObject source) => Show(source, nameof(UdpSentMessage.Server));

    /// <summary>The server as <see cref="GetServer"/> has it, at most 19 characters.</summary>
    /// <param name="source">A sent message.</param>
    /// <returns>Its beginning and its end where it is longer; empty where there is none.</returns>
    public static string GetShortServer(PSObject source) => Shorten(GetServer(source));

    /// <summary>The address of the peer, made visible: an object from elsewhere may hold any text.</summary>
    /// <param name="source">A message or an ack.</param>
    /// <returns>Empty where there is none.</returns>
    public static string GetRemoteAddress(PSObject source) => Show(source, nameof(UdpMessage.RemoteAddress));

    /// <summary>The address of the peer as <see cref="GetRemoteAddress"/> has it, at most 19 characters.</summary>
    /// <param name="source">A message or an ack.</param>
    /// <returns>Its beginning and its end where it is longer; empty where there is none.</returns>
    public static string GetShortRemoteAddress(PSObject source) => Shorten(GetRemoteAddress(source));

    /// <summary>The address of this machine, made visible: an object from elsewhere may hold any text.</summary>
    /// <param name="source">A received or a sent message.</param>
    /// <returns>Empty where there is none.</returns>
    public static string GetLocalAddress(PSObject source) => Show(source, nameof(UdpMessage.LocalAddress));

    /// <summary>The status, in color where escape sequences are rendered.</summary>
    /// <param name="source">A sent message.</param>
    /// <returns>Empty where there is none.</returns>
    public static string GetStatus(PSObject source)
    {
        string status = Show(source, nameof(UdpSentMessage.Status));
        return status switch
        {
            nameof(UdpSendStatus.Acknowledged) => OutputStyle.Color(status, "Green"),
            nameof(UdpSendStatus.NoReply) => OutputStyle.Color(status, "Yellow"),
            nameof(UdpSendStatus.PortClosed) or nameof(UdpSendStatus.Unreachable) or nameof(UdpSendStatus.NotSent) => OutputStyle.Color(status, "Red"),
            _ => status,
        };
    }

    /// <summary>When it came, in ISO 8601 with a blank, to the millisecond.</summary>
    /// <param name="source">A received message or an ack.</param>
    /// <returns>Empty where that is not known.</returns>
    public static string GetReceivedAt(PSObject source) => ShowTime(source, nameof(UdpMessage.ReceivedAt), "yyyy-MM-dd HH:mm:ss.fff");

    /// <summary>When it came, as <see cref="GetReceivedAt"/> has it, without the year.</summary>
    /// <param name="source">A received message.</param>
    /// <returns>Empty where that is not known.</returns>
    public static string GetShortReceivedAt(PSObject source) => ShowTime(source, nameof(UdpMessage.ReceivedAt), "MM-dd HH:mm:ss.fff");

    /// <summary>When it was sent, in ISO 8601 with a blank, to the millisecond.</summary>
    /// <param name="source">A sent message.</param>
    /// <returns>Empty where that is not known.</returns>
    public static string GetSentAt(PSObject source) => ShowTime(source, nameof(UdpSentMessage.SentAt), "yyyy-MM-dd HH:mm:ss.fff");

    private static string Show(PSObject source, string name) => ControlCharacterEscaper.Escape(ValueOf(source, name)?.ToString());

    // What tells one from another may be at either end: the network or the machine of an address, the host or the domain of a name.
    private static string Shorten(string text)
    {
        const int half = ShortLength / 2;
        return text.Length <= ShortLength ? text : text.Substring(0, half) + '\u2026' + text.Substring(text.Length - half);
    }

    // The culture of the session may have another calendar and other separators.
    private static string ShowTime(PSObject source, string name, string format)
    {
        object? time = BaseObject.Of(ValueOf(source, name));
        return time is DateTime known
            ? known.ToString(format, CultureInfo.InvariantCulture)
            : ControlCharacterEscaper.Escape(time?.ToString());
    }

    private static object? ValueOf(PSObject source, string name) =>
        (source ?? throw new ArgumentNullException(nameof(source))).Properties[name]?.Value;
}
