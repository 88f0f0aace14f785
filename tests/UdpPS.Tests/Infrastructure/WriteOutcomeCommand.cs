using System.Management.Automation;

namespace UdpPS.Tests.Infrastructure;

/// <summary>Tells of each message its text and of each error its id, and keeps neither: a pipeline that takes no time.</summary>
[Cmdlet(VerbsCommunications.Write, "Outcome")]
public sealed class WriteOutcomeCommand : PSCmdlet
{
    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    protected override void ProcessRecord() => WriteObject(InputObject!.BaseObject switch
    {
        ErrorRecord error => error.FullyQualifiedErrorId,
        UdpSentMessage message => message.Message,
        object other => other.ToString(),
    });
}
