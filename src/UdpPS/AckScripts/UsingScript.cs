using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text;
using UdpPS.Commands;

namespace UdpPS.AckScripts;

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

        // The text is parsed by itself: the block's own syntax tree has braces, or the head of a function, that the text is without.
        IEnumerable<UsingExpressionAst> expressions = Parser.ParseInput(text, out _, out _)
            .FindAll(ast => ast is UsingExpressionAst, searchNestedScriptBlocks: true)
            .Cast<UsingExpressionAst>()
            .OrderByDescending(expression => expression.Extent.StartOffset);
        foreach (UsingExpressionAst expression in expressions)
        {
            VariableExpressionAst used = VariableOf(expression.SubExpression);
            string name = used.VariablePath.UserPath;
            string copy = Prefix + name.Replace(":", "__");
            values[copy] = ValueOf(used.VariablePath, session);
            int at = expression.Extent.StartOffset;
            body.Remove(at, LengthOfVariable(expression.Extent.Text, name));
            body.Insert(at, used.Splatted ? $"@{copy}" : $"${{{copy}}}");
        }

        return new UsingScript(body.ToString(), values);
    }

    // Of a variable, perhaps of a scope that is named, or of what a drive has, such as env:.
    private static object? ValueOf(VariablePath path, SessionState session)
    {
        // A variable may be null.
        object? value = session.PSVariable.GetValue(path.UserPath);
        bool isThere = value is not null || (path.IsVariable && session.PSVariable.Get(path.UserPath) is not null);
        return isThere ? value : throw new TerminatingErrorException(ErrorRecords.UsingVariableNotFound(path.UserPath));
    }

    // $using:name.Member and $using:name[index] are expressions as a whole.
    private static VariableExpressionAst VariableOf(ExpressionAst expression) => expression switch
    {
        MemberExpressionAst member => VariableOf(member.Expression),
        IndexExpressionAst index => VariableOf(index.Target),
        _ => (VariableExpressionAst)expression,
    };

    // $using:name, or ${using:name}, or @using:name
    private static int LengthOfVariable(string text, string name) =>
        text.StartsWith("${", StringComparison.Ordinal) ? text.IndexOf('}') + 1 : "$using:".Length + name.Length;
}
