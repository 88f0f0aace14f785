using System;
using System.Management.Automation;
using System.Reflection;
using System.Runtime.ExceptionServices;

namespace UdpPS.Commands;

/// <summary>Tells whether a pipeline was ended on purpose by a command downstream, or by its failure.</summary>
internal static class PipelineEnd
{
    // The engine raises the same PipelineStoppedException for Select-Object -First, which took the message, and for a
    // cmdlet that failed, which did not. Only its own note of the cause tells them apart, and that is not public.
    private static readonly string[] CauseFields = { "_firstTerminatingError", "firstTerminatingError" };

    private const BindingFlags AnyInstance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    /// <param name="cmdlet">The command that was writing.</param>
    /// <param name="exception">What its write threw.</param>
    internal static bool WasOnPurpose(Cmdlet cmdlet, Exception exception) => exception switch
    {
        FlowControlException => true,
        PipelineStoppedException when !cmdlet.Stopping => FindCause(cmdlet) is FlowControlException,
        _ => false,
    };

    // An engine that keeps no such note leaves it open, and then nobody is told that a message was taken.
    private static Exception? FindCause(Cmdlet cmdlet)
    {
        object? processor = cmdlet.CommandRuntime.GetType()
            .GetProperty("PipelineProcessor", AnyInstance)?.GetValue(cmdlet.CommandRuntime);
        foreach (string field in CauseFields)
        {
            object? cause = processor?.GetType().GetField(field, AnyInstance)?.GetValue(processor);
            if (cause is not null)
            {
                return (cause as ExceptionDispatchInfo)?.SourceException ?? cause as Exception;
            }
        }

        return null;
    }
}
