using System;
using System.Management.Automation;

namespace UdpPS.Commands;

/// <summary>What the cmdlets ask of their session.</summary>
internal static class CmdletExtensions
{
    /// <summary>
    /// Whether verbose text is wanted at all: asked once, so that nobody pays for texts that are thrown away.
    /// </summary>
    internal static bool IsVerbose(this PSCmdlet cmdlet)
    {
        if (cmdlet.MyInvocation.BoundParameters.TryGetValue("Verbose", out object? bound) && bound is SwitchParameter verbose)
        {
            return verbose.ToBool();
        }

        object? preference = cmdlet.GetVariableValue("VerbosePreference");
        return !LanguagePrimitives.TryConvertTo(preference, out ActionPreference action)
            || action is not (ActionPreference.SilentlyContinue or ActionPreference.Ignore);
    }

    /// <summary>
    /// Keeps errors that the cmdlet writes from ending it, though $ErrorActionPreference is Stop or Inquire, or becomes so
    /// while the cmdlet runs: called in BeginProcessing. An -ErrorAction that was given stays in force.
    /// </summary>
    internal static void ContinueAfterErrors(this PSCmdlet cmdlet)
    {
        using IDisposable? replacement = new PreferenceVariable(cmdlet.SessionState.PSVariable, "ErrorActionPreference")
            .Replace(ActionPreference.Stop, ActionPreference.Inquire);
        try
        {
            // The engine reads the preference at a cmdlet's first write, and keeps it. This one writes nothing.
            cmdlet.WriteError(null);
        }
        catch (ArgumentNullException)
        {
            // As expected: the preference has been read by then.
        }
    }

    /// <summary>
    /// Writes a warning that does not end the cmdlet, though $WarningPreference is Stop or Inquire. A -WarningAction that was
    /// given stays in force.
    /// </summary>
    internal static void WriteWarningAndContinue(this PSCmdlet cmdlet, string text)
    {
        using IDisposable? replacement = new PreferenceVariable(cmdlet.SessionState.PSVariable, "WarningPreference")
            .Replace(ActionPreference.Stop, ActionPreference.Inquire);
        cmdlet.WriteWarning(text);
    }

    /// <summary>Runs a step whose failure ends the command.</summary>
    internal static T OrTerminate<T>(this PSCmdlet cmdlet, Func<T> step)
    {
        try
        {
            return step();
        }
        catch (TerminatingErrorException exception)
        {
            cmdlet.ThrowTerminatingError(exception.ErrorRecord);

            // The line above always throws, which the compiler does not know.
            throw;
        }
    }
}
