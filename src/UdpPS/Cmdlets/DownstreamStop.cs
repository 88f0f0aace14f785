using System;
using System.Management.Automation;

namespace UdpPS.Commands;

/// <summary>Tells whether a pipeline was ended on purpose by a command downstream, or by its failure.</summary>
internal static class DownstreamStop
{
    /// <param name="cmdlet">The command that was writing.</param>
    /// <param name="exception">What its write threw.</param>
    internal static bool IsDeliberate(Cmdlet cmdlet, Exception exception) =>
        IsDeliberate(exception, cmdlet.Stopping, cmdlet.CommandRuntime);

    /// <param name="exception">What the write of a command threw.</param>
    /// <param name="isStopping">Whether its pipeline is stopped from outside, as Ctrl+C does.</param>
    /// <param name="commandRuntime">The command's runtime, which may know the cause.</param>
    internal static bool IsDeliberate(Exception exception, bool isStopping, object commandRuntime) => exception switch
    {
        FlowControlException => true,
        PipelineStoppedException when !isStopping => EngineInternals.FindCauseOfEnd(commandRuntime) is FlowControlException,
        _ => false,
    };
}
