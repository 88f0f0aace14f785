using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using UdpPS.Commands;

namespace UdpPS.Parameters;

/// <summary>
/// Makes messages by the script block that is given as -Message, one for each input object. PowerShell itself does so only for
/// parameters that are not of type object.
/// </summary>
internal sealed class MessageScript : IDisposable
{
    private readonly ScriptRunner _script;

    /// <param name="script">What was given.</param>
    /// <param name="session">The caller's session.</param>
    internal MessageScript(ScriptBlock script, SessionState session) => _script = ScriptRunner.InCallersScope(script, session);

    /// <param name="input">Its $_.</param>
    /// <returns>What it output: null for nothing, the object itself for one, a list for more.</returns>
    /// <exception cref="RuntimeException">It wrote an error. What it output is then no message.</exception>
    /// <exception cref="Exception">Whatever it threw.</exception>
    internal object? Run(PSObject? input)
    {
        IReadOnlyList<PSObject> output = _script.Run(input, out IReadOnlyList<ErrorRecord> errors);
        if (errors.FirstOrDefault(error => !ScriptRunner.IsNativeStandardError(error)) is { } failure)
        {
            throw new RuntimeException(failure.ToString(), failure.Exception);
        }

        return output.Count switch
        {
            0 => null,
            1 => output[0],
            _ => output.Cast<object?>().ToArray(),
        };
    }

    /// <summary>Ends the script that runs, and runs none any more.</summary>
    internal void BeginStop() => _script.BeginStop();

    public void Dispose() => _script.Dispose();
}
