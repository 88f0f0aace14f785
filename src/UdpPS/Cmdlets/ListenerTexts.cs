using UdpPS.Display;
using UdpPS.Listening;
using UdpPS.Sockets;

namespace UdpPS.Commands;

/// <summary>What a listener says beside its output, in the cmdlet and in the job alike.</summary>
internal static class ListenerTexts
{
    internal const string HowToOpen = "Only this machine can reach it; -LocalAddress Any opens it to the network.";

    internal static string Up(string localAddress, int port) =>
        $"UDP listener up on {EndPointText.Format(localAddress, port)}";

    internal static string ListeningOn(string localAddress, int port) =>
        $"Listening on {EndPointText.Format(localAddress, port)}";

    /// <param name="count">Messages so far.</param>
    /// <param name="limit">How many there shall be; 0 without limit.</param>
    internal static string Received(long count, long limit) => limit == 0 ? $"{count} received" : $"{count} of {limit} received";

    internal static string MessageFrom(UdpMessage message) => $"Message from {message.RemoteEndPoint}";

    internal static string Acknowledged(in AckOutcome outcome) => outcome.IsSent
        ? $"Acknowledgment sent to {outcome.Message.RemoteEndPoint}"
        : $"No acknowledgment to {outcome.Message.RemoteEndPoint}: {Reason(outcome.Suppression)}";

    internal static string Loop(UdpMessage message) =>
        $"{message.RemoteEndPoint} repeats '{ControlCharacterEscaper.Quote(message.Message)}' within a second of each ack, as another "
        + "listener would. One ack in a thousand is withheld (in 100,000 to loopback), which ends a loop and costs a client one retry.";

    internal static string OutputFull(string job) =>
        $"Nobody receives from the job {job}, and its output is full: messages are dropped, and not acknowledged, until Receive-Job makes "
        + "room, without -Keep. A listener whose messages nobody wants has -NoOutput.";

    internal static string Totals(UdpListenerStatistics totals) =>
        $"{totals.Received} received, {totals.Delivered} delivered, {totals.Acknowledged} acknowledged, {totals.Dropped} dropped, "
        + $"{totals.Denied} denied, {totals.Duplicates} duplicates, {totals.SuppressedAcks} acks suppressed, {totals.Errors} errors";

    /// <summary>What was lost, as a warning; null when nothing was.</summary>
    /// <param name="totals">The listener's counts.</param>
    /// <param name="left">Messages that had been received when the listener ended, and were not delivered.</param>
    internal static string? Losses(UdpListenerStatistics totals, long left)
    {
        string? dropped = totals.Dropped == 0
            ? null
            : $"Datagrams dropped, and never acknowledged, because they were not taken as fast as they came: {totals.Dropped}. "
                + "Make the pipeline faster, receive from the job more often, or raise -QueueLength.";
        string? undelivered = left == 0
            ? null
            : $"Messages that had arrived when the listener ended, and were not delivered: {left}.";
        return dropped is null || undelivered is null ? dropped ?? undelivered : dropped + " " + undelivered;
    }

    private static string Reason(AckSuppression suppression) => suppression switch
    {
        AckSuppression.OwnAck => "the message is the ack itself.",
        AckSuppression.OwnEndPoint => "that is this listener.",
        AckSuppression.ReservedPort => "a service on that port would reply to the ack.",
        AckSuppression.NoHost => "that is not the address of a host.",
        AckSuppression.Loop => "it repeats itself within a second of each ack, and one in a thousand is withheld.",
        AckSuppression.TooLarge => "the ack is more than three times the message.",
        AckSuppression.TooLong => "the ack is longer than a datagram can be.",
        AckSuppression.RateLimit => "-MaxAcksPerSecond is reached for that address.",
        _ => "it could not be sent.",
    };
}
