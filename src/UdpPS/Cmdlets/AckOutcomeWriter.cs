using System;
using System.Management.Automation;
using UdpPS.Listening;
using UdpPS.Sockets;

namespace UdpPS.Commands;

/// <summary>Writes what became of an ack to whichever streams a listener has.</summary>
internal sealed class AckOutcomeWriter
{
    private readonly Action<string>? _writeVerbose;
    private readonly Action<string> _writeWarning;
    private readonly Action<ErrorRecord> _writeError;

    /// <param name="writeVerbose">Null when verbose text is not wanted.</param>
    /// <param name="writeWarning">Takes warnings.</param>
    /// <param name="writeError">Takes errors that concern one message.</param>
    internal AckOutcomeWriter(
        Action<string>? writeVerbose, Action<string> writeWarning, Action<ErrorRecord> writeError)
    {
        _writeVerbose = writeVerbose;
        _writeWarning = writeWarning;
        _writeError = writeError;
    }

    internal void Write(in AckOutcome outcome)
    {
        if (outcome.IsNewLoop)
        {
            _writeWarning(ListenerTexts.Loop(outcome.Message));
        }

        if (outcome.Suppression == AckSuppression.TooLarge)
        {
            _writeError(ErrorRecords.ReplyTooLarge(outcome.Message, outcome.Ack.Length));
        }
        else if (outcome.Suppression == AckSuppression.TooLong)
        {
            int limit = DatagramSize.MaximumPayload(outcome.Message.RemoteEndPoint.Address);
            _writeError(ErrorRecords.AckTooLong(outcome.Message, outcome.Ack.Length, limit));
        }

        _writeVerbose?.Invoke(ListenerTexts.Acknowledged(outcome));
    }
}
