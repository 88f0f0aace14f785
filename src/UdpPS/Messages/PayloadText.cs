using System.Text;

namespace UdpPS;

/// <summary>Makes a payload into text.</summary>
internal static class PayloadText
{
    private const char ByteOrderMark = '\uFEFF';

    /// <summary>
    /// The text without a byte order mark at its start, whatever the encoding: nobody sees it, and patterns and parsers fail on
    /// it.
    /// </summary>
    internal static string Decode(byte[] payload, Encoding encoding)
    {
        string text = encoding.GetString(payload);
        return text.Length > 0 && text[0] == ByteOrderMark ? text.Substring(1) : text;
    }
}
