using System;
using System.Globalization;
using System.Text;

namespace UdpPS.Display;

/// <summary>
/// Makes text from the network safe to show: what would drive a terminal, or change the order of what is read, becomes a
/// visible sign. Used by what the views show and by what the cmdlets say; the objects themselves stay exact.
/// </summary>
internal static class ControlCharacterEscaper
{
    private const char ControlPictures = '\u2400';
    private const int MaximumQuoted = 100;
    private const char DeletePicture = '\u2421';

    /// <summary>
    /// C0 controls and DEL become the Unicode control pictures; C1 controls, the line and paragraph separators and format
    /// characters (Unicode category Cf: bidirectional controls, the byte order mark, what has no width) become their code, as
    /// in \u202E or \U000E0041.
    /// </summary>
    /// <param name="text">Any text; null is taken for an empty one.</param>
    /// <returns>The same text, where there is nothing to escape.</returns>
    internal static string Escape(string? text)
    {
        if (text is null)
        {
            return string.Empty;
        }

        int first = 0;
        while (first < text.Length && !IsEscaped(text, first))
        {
            first++;
        }

        if (first == text.Length)
        {
            return text;
        }

        var escaped = new StringBuilder(text, 0, first, text.Length + 16);
        for (int i = first; i < text.Length; i++)
        {
            if (!IsEscaped(text, i))
            {
                escaped.Append(text[i]);
            }
            else
            {
                AppendEscaped(escaped, text, i);
                i += char.IsSurrogatePair(text, i) ? 1 : 0;
            }
        }

        return escaped.ToString();
    }

    /// <summary>Escapes the beginning of a text that is quoted in another one, and shows whether it goes on.</summary>
    /// <param name="text">Any text.</param>
    /// <returns>At most 100 characters of it, escaped.</returns>
    internal static string Quote(string text)
    {
        _ = text ?? throw new ArgumentNullException(nameof(text));
        return text.Length <= MaximumQuoted ? Escape(text) : Escape(text.Substring(0, MaximumQuoted)) + "...";
    }

    // At the second half of a pair the category is that of a surrogate alone, which is never escaped.
    private static bool IsEscaped(string text, int index) => text[index] switch
    {
        >= ' ' and < '\u007F' => false,
        < ' ' or <= '\u009F' => true,
        _ => CharUnicodeInfo.GetUnicodeCategory(text, index)
            is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator,
    };

    private static void AppendEscaped(StringBuilder escaped, string text, int index)
    {
        char character = text[index];
        if (character < ' ')
        {
            escaped.Append((char)(ControlPictures + character));
        }
        else if (character == '\u007F')
        {
            escaped.Append(DeletePicture);
        }
        else if (char.IsSurrogatePair(text, index))
        {
            escaped.Append("\\U").Append(char.ConvertToUtf32(text, index).ToString("X8", CultureInfo.InvariantCulture));
        }
        else
        {
            escaped.Append("\\u").Append(((int)character).ToString("X4", CultureInfo.InvariantCulture));
        }
    }
}
