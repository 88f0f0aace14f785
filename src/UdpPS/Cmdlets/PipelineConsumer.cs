using System;
using System.Management.Automation;
using UdpPS.Listening;

namespace UdpPS.Commands;

/// <summary>Delivers messages to the pipeline of a cmdlet.</summary>
internal sealed class PipelineConsumer : IMessageConsumer
{
    private readonly PSCmdlet _cmdlet;
    private readonly ListenerAnswers _answers;
    private readonly bool _isVerbose;
    private readonly AnswerReport _report;

    internal PipelineConsumer(PSCmdlet cmdlet, ListenerAnswers answers)
    {
        _cmdlet = cmdlet;
        _answers = answers;
        _isVerbose = cmdlet.IsVerbose();
        _report = new AnswerReport(_isVerbose ? cmdlet.WriteVerbose : null, cmdlet.WriteWarning, cmdlet.WriteError);
    }

    public bool WantsEveryOutcome => _isVerbose;

    public void Deliver(UdpMessage message)
    {
        if (_isVerbose)
        {
            _cmdlet.WriteVerbose(ListenerTexts.MessageFrom(message));
        }

        _cmdlet.WriteObject(message);
    }

    // Select-Object -First, break and exit end the pipeline from downstream, after it took the message. What failed did not
    // take it, and neither did what Ctrl+C stopped in the middle.
    public bool IsTaken(Exception endOfDelivery) => PipelineEnd.WasOnPurpose(_cmdlet, endOfDelivery);

    public byte[]? CreateAnswer(UdpMessage message) => _answers.Create(message, _cmdlet.WriteError);

    public void OnAnswered(in AckOutcome outcome) => _report.Tell(outcome);
}
