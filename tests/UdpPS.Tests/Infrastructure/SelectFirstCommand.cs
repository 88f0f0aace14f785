using System;
using System.Management.Automation;
using System.Management.Automation.Internal;
using System.Reflection;

namespace UdpPS.Tests.Infrastructure;

/// <summary>
/// Ends the pipeline as Select-Object -First 1 does, with the engine's own exception: the hosted engine lacks the
/// real one, which the Pester tests use.
/// </summary>
[Cmdlet(VerbsCommon.Select, "First")]
public sealed class SelectFirstCommand : PSCmdlet
{
    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    protected override void ProcessRecord()
    {
        WriteObject(InputObject);
        Type type = typeof(PSCmdlet).Assembly.GetType("System.Management.Automation.StopUpstreamCommandsException")!;
        ConstructorInfo constructor = type.GetConstructor([typeof(InternalCommand)])!;
        throw (Exception)constructor.Invoke([this]);
    }
}
