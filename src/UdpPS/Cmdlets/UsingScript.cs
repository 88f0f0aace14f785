using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text;

namespace UdpPS.Commands;

/// <summary>A script block made ready to run in another session: each $using: variable replaced by one that is set there.</summary>
internal sealed class UsingScript
{
    private const string Prefix = "__using_";

    private UsingScript(string body, IReadOnlyDictionary<string, object?> values)
    {
        Body = body;
        Values = values;
    }

    /// <summary>The script's text, without its braces.</summary>
    internal string Body { get; }

    /// <summary>The variables it needs.</summary>
    internal IReadOnlyDictionary<string, object?> Values { get; }

    /// <param name="script">The caller's script block.</param>
    /// <param name="session">Where the caller's variables are.</param>
    internal static UsingScript Create(ScriptBlock script, SessionState session)
    {
        string text = script.ToString();
        var values = new Dictionary<string, object?>();
        var body = new StringBuilder(text);

        // The text of a literal starts behind its brace; that of [scriptblock]::Create has none.
        IScriptExtent extent = script.Ast.Extent;
        int start = extent.StartOffset + ((extent.EndOffset - extent.StartOffset - text.Length) / 2);
        IEnumerable<UsingExpressionAst> expressions = script.Ast
            .FindAll(ast => ast is UsingExpressionAst { SubExpression: VariableExpressionAst }, searchNestedScriptBlocks: true)
            .Cast<UsingExpressionAst>()
            .OrderByDescending(expression => expression.Extent.StartOffset);
        foreach (UsingExpressionAst expression in expressions)
        {
            string name = ((VariableExpressionAst)expression.SubExpression).VariablePath.UserPath;
            values[Prefix + name] = session.PSVariable.GetValue(name);
            int length = expression.Extent.EndOffset - expression.Extent.StartOffset;
            body.Remove(expression.Extent.StartOffset - start, length);
            body.Insert(expression.Extent.StartOffset - start, $"${{{Prefix}{name}}}");
        }

        return new UsingScript(body.ToString(), values);
    }
}
