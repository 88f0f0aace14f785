using System.Collections;
using System.Collections.Generic;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace UdpPS.Parameters;

/// <summary>Completes a parameter from a list of values. It asks nobody but this machine, so that it never takes long.</summary>
internal abstract class ValueCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters) => Completions.For(wordToComplete, Candidates());

    /// <summary>Whole values, and what to say of each; null for no more than the value.</summary>
    protected abstract IEnumerable<(string Text, string? ToolTip)> Candidates();
}
