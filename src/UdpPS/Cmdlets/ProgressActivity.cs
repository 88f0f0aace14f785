namespace UdpPS.Commands;

/// <summary>
/// What keeps the progress of commands in one pipeline apart, and apart from that of scripts, which mostly count from 0.
/// </summary>
internal enum ProgressActivity
{
    Listening = 40101,
    Sending = 40102,
    WaitingForAcks = 40103,
}
