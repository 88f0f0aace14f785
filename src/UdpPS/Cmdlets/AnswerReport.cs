using System;
using System.Management.Automation;
using UdpPS.Listening;
using UdpPS.Sockets;

namespace UdpPS.Commands;

/// <summary>Tells what became of an answer, to whichever streams a listener has.</summary>
internal sealed class AnswerReport
{
    private readonly Action<string>? _writeVerbose;
    private readonly Action<string> _writeWarning;
    private readonly Action<ErrorRecord> _writeError;

    /// <param name="writeVerbose">Null when nobody wants to see verbose text.</param>
    /// <param name="writeWarning">Takes warnings.</param>
    /// <param name="writeError">Takes errors that concern one message.</param>
    internal AnswerReport(
        Action<string>? writeVerbose, Action<string> writeWarning, Action<ErrorRecord> writeError)
    {
        _writeVerbose = writeVerbose;
        _writeWarning = writeWarning;
        _writeError = writeError;
    }

    internal void Tell(in AckOutcome outcome)
    {
        if (outcome.IsNewLoop)
        {
            _writeWarning(ListenerTexts.Loop(outcome.Message));
        }

        if (outcome.Suppression == AckSuppression.TooLarge)
        {
            _writeError(ErrorRecords.ReplyTooLarge(outcome.Message, outcome.Answer.Length));
        }
        else if (outcome.Suppression == AckSuppression.TooLong)
        {
            int limit = DatagramSize.MaximumPayload(outcome.Message.RemoteEndPoint.Address);
            _writeError(ErrorRecords.AckTooLong(outcome.Message, outcome.Answer.Length, limit));
        }

        _writeVerbose?.Invoke(ListenerTexts.Answered(outcome));
    }
}
