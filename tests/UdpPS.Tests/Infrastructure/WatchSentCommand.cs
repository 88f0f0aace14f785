using System;
using System.Management.Automation;

namespace UdpPS.Tests.Infrastructure;

/// <summary>Swallows sent messages and notes what they cost: sockets open, memory held.</summary>
[Cmdlet("Watch", "Sent")]
public sealed class WatchSentCommand : PSCmdlet
{
    private const int MessagesBetweenLooks = 20_000;

    private int _count;
    private int _mostSockets;
    private long _mostMemory;

    [Parameter(ValueFromPipeline = true)]
    public UdpSentMessage? InputObject { get; set; }

    protected override void ProcessRecord()
    {
        if (++_count % MessagesBetweenLooks == 0)
        {
            _mostMemory = Math.Max(_mostMemory, GC.GetTotalMemory(forceFullCollection: true));
            _mostSockets = Math.Max(_mostSockets, ProcessSockets.CountInUse());
        }
    }

    protected override void EndProcessing() => WriteObject(new Report(_count, _mostSockets, _mostMemory));

    public sealed record Report(int Count, int MostSockets, long MostMemory);
}
