using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace UdpPS.Commands;

/// <summary>The text of a command as it was typed, without what else is on its line: that may be secret, and a job shows its command.</summary>
internal static class InvokedStatement
{
    /// <returns>The command and its arguments; of a command over several lines, what is on the first.</returns>
    internal static string Of(InvocationInfo invocation)
    {
        // The engine counts from 1, and has 0 where there is no text.
        int start = invocation.OffsetInLine - 1;
        Ast? command = Parser.ParseInput(invocation.Line ?? string.Empty, out _, out _)
            .FindAll(ast => ast is CommandAst && ast.Extent.StartOffset == start, searchNestedScriptBlocks: true)
            .FirstOrDefault();
        return command?.Extent.Text.TrimEnd('`', ' ') ?? invocation.InvocationName;
    }
}
