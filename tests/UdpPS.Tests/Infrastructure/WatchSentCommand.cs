using System;
using System.Collections.Generic;
using System.Management.Automation;

namespace UdpPS.Tests.Infrastructure;

/// <summary>Swallows sent messages and notes what they cost: ports used, sockets open, memory held.</summary>
[Cmdlet("Watch", "Sent")]
public sealed class WatchSentCommand : PSCmdlet
{
    private const int MessagesBetweenLooks = 50_000;

    private readonly HashSet<int> _ports = [];
    private int _count;
    private int _mostSockets;
    private long _mostMemory;

    [Parameter(ValueFromPipeline = true)]
    public UdpSentMessage? InputObject { get; set; }

    protected override void ProcessRecord()
    {
        _ports.Add(InputObject!.LocalPort);
        if (++_count % MessagesBetweenLooks == 0)
        {
            _mostMemory = Math.Max(_mostMemory, GC.GetTotalMemory(forceFullCollection: true));
            _mostSockets = Math.Max(_mostSockets, ProcessSockets.CountInUse());
        }
    }

    protected override void EndProcessing() => WriteObject(new Report(_count, _ports.Count, _mostSockets, _mostMemory));

    public sealed record Report(int Count, int Ports, int MostSockets, long MostMemory);
}
