using System;
using System.Collections.Generic;
using System.Management.Automation.Runspaces;

namespace UdpPS.Shell;

/// <summary>Makes parameters of the words after a script's path, by the rules of <c>pwsh -File</c>.</summary>
internal static class ScriptArguments
{
    internal static IEnumerable<CommandParameter> ToParameters(IEnumerable<string> arguments)
    {
        string? nameAwaitingValue = null;
        foreach (string argument in arguments)
        {
            if (nameAwaitingValue is not null)
            {
                yield return new CommandParameter(nameAwaitingValue, argument);
                nameAwaitingValue = null;
            }
            else if (argument.Length < 2 || argument[0] != '-')
            {
                yield return new CommandParameter(null, argument);
            }
            else if (argument.EndsWith(':'))
            {
                nameAwaitingValue = argument.TrimEnd(':');
            }
            else
            {
                yield return ToNamedParameter(argument);
            }
        }
    }

    private static CommandParameter ToNamedParameter(string argument)
    {
        int colon = argument.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
        {
            return new CommandParameter(argument);
        }

        // A switch takes a Boolean, and no text that stands for one.
        string text = argument[(colon + 1)..];
        object value = bool.TryParse(text.TrimStart('$'), out bool boolean) ? boolean : text;
        return new CommandParameter(argument[..colon], value);
    }
}
