namespace UdpPS.Commands;

/// <summary>What a listener says beside its output, in the cmdlet and in the job alike.</summary>
internal static class ListenerTexts
{
    internal const string HowToOpen = "Only this machine can reach it; -LocalAddress Any opens it to the network.";

    internal static string Up(string localAddress, int port) =>
        $"UDP listener up on {ErrorRecords.FormatEndPoint(localAddress, port)}";

    internal static string MessageFrom(UdpMessage message) => $"Message from {message.RemoteEndPoint}";

    internal static string AcknowledgmentSent(UdpMessage message) => $"Acknowledgment sent to {message.RemoteEndPoint}";

    internal static string Totals(UdpListenerStatistics totals) =>
        $"{totals.Received} received, {totals.Delivered} delivered, {totals.Acknowledged} acknowledged, {totals.Dropped} dropped, "
        + $"{totals.Denied} denied, {totals.Duplicates} duplicates, {totals.SuppressedAcks} acks suppressed, {totals.Errors} errors";

    /// <summary>What was lost, as a warning; null when nothing was.</summary>
    /// <param name="totals">The listener's counts.</param>
    /// <param name="left">Messages that had been received when the listener ended, and were not delivered.</param>
    internal static string? Losses(UdpListenerStatistics totals, int left)
    {
        string? dropped = totals.Dropped == 0
            ? null
            : $"{totals.Dropped} datagrams were dropped because the pipeline did not keep up; none of them was acknowledged. "
                + "Make the pipeline faster, or raise -QueueLength.";
        string? undelivered = left == 0
            ? null
            : $"{left} messages had arrived when the listener ended, and were not delivered.";
        return dropped is null || undelivered is null ? dropped ?? undelivered : dropped + " " + undelivered;
    }
}
