using System;
using System.Management.Automation;
using System.Text;
using UdpPS.Parameters;
using UdpPS.Sending;

namespace UdpPS.Commands;

/// <summary>
/// Waits for the acks of messages that Send-UdpMessage sent, sends again where that was asked for, and emits one
/// <see cref="UdpAck"/> for each that was acknowledged.
/// </summary>
[Cmdlet(VerbsCommunications.Receive, "UdpAck", DefaultParameterSetName = AckSet)]
[OutputType(typeof(UdpAck), ParameterSetName = new[] { AckSet })]
[OutputType(typeof(UdpSentMessage), ParameterSetName = new[] { PassThruSet })]
[OutputType(typeof(bool), ParameterSetName = new[] { QuietSet })]
public sealed class ReceiveUdpAckCommand : PSCmdlet, IDisposable
{
    private const string AckSet = "Ack";
    private const string PassThruSet = "PassThru";
    private const string QuietSet = "Quiet";

    // More sockets than these at once would meet the limits of common systems.
    private const int MaximumInFlight = 10000;

    private readonly StopSignal _stopSignal = new();
    private AckCollector? _collector;
    private AckProgress? _progress;
    private ErrorWriter? _errors;

    /// <summary>What Send-UdpMessage emitted.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    public UdpSentMessage[] InputObject { get; set; } = Array.Empty<UdpSentMessage>();

    /// <summary>Seconds the first attempt waits for its ack, from when it gets here. 0 means no limit.</summary>
    [Parameter]
    [ValidateRange(0, double.MaxValue)]
    public double TimeoutSeconds { get; set; } = 2;

    /// <summary>
    /// How often a message is sent again while there is no ack; each attempt waits twice as long as the one before, times
    /// a random 1 to 1.5.
    /// </summary>
    [Parameter]
    [ValidateRange(0, 100)]
    public int MaximumRetryCount { get; set; }

    /// <summary>Messages awaiting an ack at once. With more than 1, results come in the order in which they settle.</summary>
    [Parameter]
    [ValidateRange(1, MaximumInFlight)]
    public int ThrottleLimit { get; set; } = 1;

    /// <summary>
    /// Takes every answer until the time is up, one for each responder: for broadcast and multicast. In every set, since the error
    /// of PowerShell's for two sets does not say which parameters exclude each other.
    /// </summary>
    [Parameter(ParameterSetName = AckSet)]
    [Parameter(ParameterSetName = PassThruSet)]
    [Parameter(ParameterSetName = QuietSet)]
    public SwitchParameter All { get; set; }

    /// <summary>Emits every message, settled, acknowledged or not, and writes no error for those that are not.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PassThruSet)]
    public SwitchParameter PassThru { get; set; }

    /// <summary>Emits $true for each message that was acknowledged and $false for each that was not.</summary>
    [Parameter(Mandatory = true, ParameterSetName = QuietSet)]
    public SwitchParameter Quiet { get; set; }

    /// <summary>How acks become text: a name, a code page, or an Encoding.</summary>
    [Parameter]
    [EncodingTransformation]
    [ArgumentCompleter(typeof(EncodingCompleter))]
    [ValidateNotNull]
    public Encoding Encoding { get; set; } = EncodingNames.Default;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (All && (PassThru || Quiet))
        {
            ThrowTerminatingError(ErrorRecords.AllNotAllowed(PassThru ? "-PassThru" : "-Quiet"));
        }

        _collector = new AckCollector(
            new RetrySchedule(TimeoutSeconds, MaximumRetryCount, new Random()),
            All,
            PayloadText.Replacing(Encoding),
            SenderResources.OfProcess.Factory);
        _progress = AckProgress.For(WriteProgress);
        _errors = new ErrorWriter(WriteError);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (UdpSentMessage message in InputObject)
        {
            _collector!.Add(message);
            _collector.Look();
            WriteSettled(_collector);
            while (_collector.InFlight >= ThrottleLimit)
            {
                WaitForNext(_collector);
            }
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        while (_collector!.InFlight > 0)
        {
            WaitForNext(_collector);
        }

        _progress!.Remove();
    }

    /// <inheritdoc/>
    protected override void StopProcessing() => _stopSignal.Stop();

    /// <summary>Ends every wait.</summary>
    public void Dispose()
    {
        _stopSignal.Stop();
        _collector?.Dispose();
        _progress?.TryRemove();
        _stopSignal.Dispose();
    }

    private void WaitForNext(AckCollector collector)
    {
        try
        {
            collector.Wait(_stopSignal.Token);
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }

        WriteSettled(collector);
    }

    private void WriteSettled(AckCollector collector)
    {
        while (collector.TryTake(out AckEvent next))
        {
            _progress!.Note(next);
            Write(next);
        }

        _progress!.ShowIfDue(collector);
    }

    private void Write(AckEvent next)
    {
        bool isAcknowledged = next.Message.Status == UdpSendStatus.Acknowledged;
        if (PassThru)
        {
            WriteObject(next.Message);
        }
        else if (Quiet)
        {
            WriteObject(isAcknowledged);
        }
        else if (next.Ack is not null)
        {
            WriteObject(next.Ack);
        }
        else if (!isAcknowledged && next.Message.Status != UdpSendStatus.NotSent)
        {
            // Send-UdpMessage has written the error of a message that was not sent.
            _errors!.Write(ErrorRecords.NotAcknowledged(next.Message));
        }
    }
}
