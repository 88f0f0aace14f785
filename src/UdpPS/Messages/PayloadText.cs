using System.Text;

namespace UdpPS;

/// <summary>Makes a payload into text.</summary>
internal static class PayloadText
{
    private const char ByteOrderMark = '\uFEFF';
    private const char Replacement = '\uFFFD';
    private static readonly char[] NoCharacters = { '\uFFFE', '\uFFFF' };

    /// <summary>
    /// The text without a byte order mark at its start, whatever the encoding: nobody sees it, and patterns and parsers fail on
    /// it. U+FFFE and U+FFFF, which no XML file may contain, are replaced by U+FFFD.
    /// </summary>
    /// <param name="payload">Any bytes.</param>
    /// <param name="encoding">One that replaces what it cannot decode: see <see cref="Replacing"/>.</param>
    internal static string Decode(byte[] payload, Encoding encoding)
    {
        string text = encoding.GetString(payload);
        if (text.Length > 0 && text[0] == ByteOrderMark)
        {
            text = text.Substring(1);
        }

        return text.IndexOfAny(NoCharacters) < 0
            ? text
            : text.Replace(NoCharacters[0], Replacement).Replace(NoCharacters[1], Replacement);
    }

    /// <summary>The same encoding, which decodes with replacement, though it may be one that throws: a peer chooses the bytes.</summary>
    internal static Encoding Replacing(Encoding encoding)
    {
        if (encoding.DecoderFallback is not DecoderExceptionFallback)
        {
            return encoding;
        }

        var replacing = (Encoding)encoding.Clone();
        replacing.DecoderFallback = new DecoderReplacementFallback(Replacement.ToString());
        return replacing;
    }
}
