using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Linq;
using System.Management.Automation;

namespace UdpPS.Parameters;

/// <summary>
/// Runs the script block that is given as -Message, once for each input object. PowerShell itself does so only for parameters
/// that are not of type object.
/// </summary>
internal static class MessageScript
{
    /// <param name="script">What was given.</param>
    /// <param name="input">Its $_.</param>
    /// <returns>What it output: null for nothing, the object itself for one, a list for more.</returns>
    /// <exception cref="RuntimeException">It failed.</exception>
    internal static object? Run(ScriptBlock script, PSObject? input)
    {
        var variables = new List<PSVariable> { new("_", input) };
        Collection<PSObject> output = script.InvokeWithContext(null, variables, Array.Empty<object>());
        return output.Count switch
        {
            0 => null,
            1 => output[0],
            _ => output.Cast<object?>().ToArray(),
        };
    }
}
