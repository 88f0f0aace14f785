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
