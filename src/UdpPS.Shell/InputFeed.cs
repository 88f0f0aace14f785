using System;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using System.Threading;
using System.Threading.Tasks;

namespace UdpPS.Shell;

/// <summary>Makes the lines of standard input the <c>$input</c> of a command.</summary>
internal static class InputFeed
{
    /// <summary>A script without <c>$input</c> leaves standard input to what reads it: a question, another program.</summary>
    internal static bool IsWantedBy(Ast script) => StandardInput.IsRedirected
        && script.Find(
            ast => ast is VariableExpressionAst variable
                && variable.VariablePath.UserPath.Equals("input", StringComparison.OrdinalIgnoreCase),
            searchNestedScriptBlocks: false) is not null;

    internal static void Start(StandardInput input, PipelineWriter pipelineInput, CancellationToken cancellation) =>
        Task.Run(() => Feed(input, pipelineInput, cancellation), CancellationToken.None);

    private static void Feed(StandardInput input, PipelineWriter pipelineInput, CancellationToken cancellation)
    {
        try
        {
            while (input.ReadLine(cancellation) is { } line)
            {
                pipelineInput.Write(line);
            }
        }
        catch (Exception exception) when (exception is PipelineClosedException or OperationCanceledException)
        {
            // The command ended, or was stopped, before its input did.
        }
        finally
        {
            pipelineInput.Close();
        }
    }
}
