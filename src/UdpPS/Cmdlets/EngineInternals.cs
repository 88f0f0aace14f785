using System;
using System.Management.Automation;
using System.Reflection;
using System.Runtime.ExceptionServices;

namespace UdpPS.Commands;

/// <summary>
/// All that the module takes from the engine by reflection. None of it is in the reference assembly that the module is compiled
/// against, and any of it may be missing in a PowerShell that is older or newer than those seen: then nothing fails.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal static class EngineInternals
{
    private const BindingFlags AnyInstance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    // PowerShell 7 has the first name, Windows PowerShell 5.1 the second.
    private static readonly string[] CauseFields = { "_firstTerminatingError", "firstTerminatingError" };

    private static readonly PropertyInfo? StyleProperty = FindStyleProperty(typeof(PSObject).Assembly);

    /// <summary>What $PSStyle refers to. Null where it is missing: then nothing is colored.</summary>
    internal static object? Style => StyleProperty?.GetValue(null);

    /// <summary>Where $PSStyle comes from. PowerShell has it from 7.2 on.</summary>
    /// <param name="engine">The assembly of the engine.</param>
    internal static PropertyInfo? FindStyleProperty(Assembly engine) =>
        engine.GetType("System.Management.Automation.PSStyle")?.GetProperty("Instance");

    /// <summary>
    /// What ended the pipeline of a command first. The engine raises the same PipelineStoppedException for Select-Object -First,
    /// which took the message, and for a cmdlet that failed, which did not; only its own note tells them apart.
    /// Where it is missing, the end counts as a failure: the message that ended the pipeline is not acknowledged, and a retry
    /// delivers it again. So an ack still means that the message was delivered.
    /// </summary>
    /// <param name="commandRuntime">The runtime of the command that was writing.</param>
    /// <returns>Null where it is missing.</returns>
    internal static Exception? FindCauseOfEnd(object commandRuntime)
    {
        object? processor = commandRuntime.GetType().GetProperty("PipelineProcessor", AnyInstance)?.GetValue(commandRuntime);
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
