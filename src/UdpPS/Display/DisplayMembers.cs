using System;
using System.ComponentModel;
using System.Globalization;
using System.Management.Automation;

namespace UdpPS.Display;

/// <summary>
/// The hidden members that views show in place of the exact ones. They are no script, so they work in constrained language
/// too. Objects from a job or a file have them as well, and have no class any more.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class DisplayMembers
{
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

    /// <summary>The address of the peer, made visible: an object from elsewhere may hold any text.</summary>
    /// <param name="source">A message or an ack.</param>
    /// <returns>Empty where there is none.</returns>
    public static string GetRemoteAddress(PSObject source) => Show(source, nameof(UdpMessage.RemoteAddress));

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

    /// <summary>When it came, with the day and the millisecond.</summary>
    /// <param name="source">A received message or an ack.</param>
    /// <returns>Empty where that is not known.</returns>
    public static string GetReceivedAt(PSObject source) => ShowTime(source, nameof(UdpMessage.ReceivedAt));

    /// <summary>When it was sent, with the day and the millisecond.</summary>
    /// <param name="source">A sent message.</param>
    /// <returns>Empty where that is not known.</returns>
    public static string GetSentAt(PSObject source) => ShowTime(source, nameof(UdpSentMessage.SentAt));

    private static string Show(PSObject source, string name) => ControlCharacterEscaper.Escape(ValueOf(source, name)?.ToString());

    // A view formats its times in the culture of the session, too.
    private static string ShowTime(PSObject source, string name)
    {
        object? value = ValueOf(source, name);
        object? time = value is PSObject wrapped ? wrapped.BaseObject : value;
        return ControlCharacterEscaper.Escape(string.Format(CultureInfo.CurrentCulture, "{0:yyyy-MM-dd HH:mm:ss.fff}", time));
    }

    private static object? ValueOf(PSObject source, string name) =>
        (source ?? throw new ArgumentNullException(nameof(source))).Properties[name]?.Value;
}
