using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using UdpPS.Display;

namespace UdpPS.Parameters;

/// <summary>Makes what a completer knows into what the command line takes.</summary>
internal static class Completions
{
    // Signs that can stand anywhere in a word without quotes, besides letters and digits.
    private const string SafeSigns = "-_.:/%\\";

    /// <param name="word">What was typed so far, with the quotes that were typed.</param>
    /// <param name="candidates">Whole values, and what to say of each; null for no more than the value.</param>
    /// <returns>Those that begin with the word, whatever its case. Wildcards in it stand for themselves.</returns>
    internal static IEnumerable<CompletionResult> For(string? word, IEnumerable<(string Text, string? ToolTip)> candidates)
    {
        string start = Unquote(word ?? string.Empty, out char quote);
        return candidates
            .Where(candidate => candidate.Text.Length > 0
                && candidate.Text.StartsWith(start, StringComparison.OrdinalIgnoreCase))
            .Select(candidate => Create(candidate.Text, candidate.ToolTip, quote));
    }

    private static CompletionResult Create(string text, string? toolTip, char quote)
    {
        string shown = ControlCharacterEscaper.Escape(text);
        return new CompletionResult(
            Quote(text, quote),
            shown,
            CompletionResultType.ParameterValue,
            string.IsNullOrEmpty(toolTip) ? shown : ControlCharacterEscaper.Escape(toolTip));
    }

    private static string Unquote(string word, out char quote)
    {
        quote = word.Length > 0 && word[0] is '\'' or '"' ? word[0] : default;
        if (quote == default)
        {
            return word;
        }

        string text = word.Length > 1 && word[word.Length - 1] == quote
            ? word.Substring(1, word.Length - 2)
            : word.Substring(1);
        return text.Replace(new string(quote, 2), quote.ToString());
    }

    private static string Quote(string text, char quote)
    {
        bool isSafe = text[0] != '-' && text.All(sign => char.IsLetterOrDigit(sign) || SafeSigns.Contains(sign));
        if (isSafe)
        {
            return quote == default ? text : quote + text + quote;
        }

        // Nothing but the quote itself has a meaning between single quotes.
        return $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";
    }
}
