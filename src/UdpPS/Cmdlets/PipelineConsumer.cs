using System;
using System.Management.Automation;
using UdpPS.AckScripts;
using UdpPS.Listening;

namespace UdpPS.Commands;

/// <summary>Delivers messages to the pipeline of a cmdlet.</summary>
internal sealed class PipelineConsumer : IMessageConsumer
{
    private readonly PSCmdlet _cmdlet;
    private readonly AckFactory _acks;
    private readonly bool _hasOutput;
    private readonly bool _isVerbose;
    private readonly AckOutcomeWriter _outcomes;

    /// <param name="cmdlet">The cmdlet that listens.</param>
    /// <param name="acks">Makes the acks.</param>
    /// <param name="hasOutput">Whether messages are emitted.</param>
    internal PipelineConsumer(PSCmdlet cmdlet, AckFactory acks, bool hasOutput)
    {
        _cmdlet = cmdlet;
        _acks = acks;
        _hasOutput = hasOutput;
        _isVerbose = cmdlet.IsVerbose();
        _outcomes = new AckOutcomeWriter(
            _isVerbose ? cmdlet.WriteVerbose : null, cmdlet.WriteWarningAndContinue, cmdlet.WriteError);
    }

    public bool ReportsAllOutcomes => _isVerbose;

    public void Deliver(UdpMessage message)
    {
        if (_isVerbose)
        {
            _cmdlet.WriteVerbose(ListenerTexts.MessageFrom(message));
        }

        if (_hasOutput)
        {
            _cmdlet.WriteObject(message);
        }
    }

    // Select-Object -First, break and exit end the pipeline from downstream, after it took the message. What failed did not
    // take it, and neither did what Ctrl+C stopped in the middle.
    public bool CountsAsDelivered(Exception endOfDelivery) => DownstreamStop.IsDeliberate(_cmdlet, endOfDelivery);

    public bool TryCreateAck(UdpMessage message, out byte[]? ack) => _acks.TryCreate(message, WriteScriptError, out ack);

    // What is downstream has read a message when it is delivered.
    public void OnOutputFull()
    {
    }

    public void OnAcknowledged(in AckOutcome outcome) => _outcomes.Write(outcome);

    // As at the prompt: a program's standard error is shown, and is no error of the command that runs it.
    private void WriteScriptError(ErrorRecord error)
    {
        if (ScriptRunner.IsNativeStandardError(error))
        {
            _cmdlet.Host.UI.WriteErrorLine(error.ToString());
        }
        else
        {
            _cmdlet.WriteError(error);
        }
    }
}
