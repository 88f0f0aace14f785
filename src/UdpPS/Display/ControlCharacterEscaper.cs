using System.ComponentModel;
using System.Globalization;
using System.Text;

namespace UdpPS.Display;

/// <summary>
/// Makes text from the network safe to show: what would drive a terminal, or change the order of what is read, becomes a
/// visible sign. Used by the format views and by what the cmdlets say; the objects themselves stay exact.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class ControlCharacterEscaper
{
    private const char ControlPictures = '\u2400';
    private const char DeletePicture = '\u2421';

    /// <summary>
    /// C0 controls and DEL become the Unicode control pictures; C1 controls, bidirectional controls and the line and
    /// paragraph separators become their code, as in \u202E.
    /// </summary>
    /// <param name="text">Any text; null is taken for an empty one.</param>
    /// <returns>The same text, where there is nothing to hide.</returns>
    public static string Escape(string? text)
    {
        if (text is null)
        {
            return string.Empty;
        }

        int first = IndexOfActive(text);
        if (first < 0)
        {
            return text;
        }

        var visible = new StringBuilder(text, 0, first, text.Length + 16);
        for (int i = first; i < text.Length; i++)
        {
            Append(visible, text[i]);
        }

        return visible.ToString();
    }

    private static int IndexOfActive(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (IsActive(text[i]))
            {
                return i;
            }
        }

        return -1;
    }

    // C0; DEL and C1; Arabic letter mark, left-to-right and right-to-left mark; line and paragraph separator, bidirectional
    // embeddings and overrides; bidirectional isolates.
    private static bool IsActive(char character) => character
        is < ' '
        or (>= '\u007F' and <= '\u009F')
        or '\u061C' or '\u200E' or '\u200F'
        or (>= '\u2028' and <= '\u202E')
        or (>= '\u2066' and <= '\u2069');

    private static void Append(StringBuilder visible, char character)
    {
        if (!IsActive(character))
        {
            visible.Append(character);
        }
        else if (character < ' ')
        {
            visible.Append((char)(ControlPictures + character));
        }
        else if (character == '\u007F')
        {
            visible.Append(DeletePicture);
        }
        else
        {
            visible.Append("\\u").Append(((int)character).ToString("X4", CultureInfo.InvariantCulture));
        }
    }
}
