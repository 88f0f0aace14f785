using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace UdpPS.Parameters;

/// <summary>The encodings -Encoding knows by name: those of Set-Content, and any code page.</summary>
internal static class EncodingNames
{
    private static readonly Encoding Utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    private static readonly Dictionary<string, Func<Encoding>> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        ["ascii"] = () => Encoding.ASCII,
        ["ansi"] = Ansi,
        ["bigendianunicode"] = () => new UnicodeEncoding(bigEndian: true, byteOrderMark: false),
        ["bigendianutf32"] = () => new UTF32Encoding(bigEndian: true, byteOrderMark: false),
        ["default"] = Ansi,
        ["oem"] = () => Encoding.GetEncoding(CultureInfo.CurrentCulture.TextInfo.OEMCodePage),
        ["unicode"] = () => new UnicodeEncoding(bigEndian: false, byteOrderMark: false),
        ["utf8"] = () => Utf8,
        ["utf8BOM"] = () => new UTF8Encoding(encoderShouldEmitUTF8Identifier: true),
        ["utf8NoBOM"] = () => Utf8,
        ["utf32"] = () => new UTF32Encoding(bigEndian: false, byteOrderMark: false),
    };

    private static Encoding Ansi() => Encoding.GetEncoding(CultureInfo.CurrentCulture.TextInfo.ANSICodePage);

    internal static IEnumerable<string> All => Known.Keys.OrderBy(name => name, StringComparer.OrdinalIgnoreCase);

    /// <summary>UTF-8 without a byte order mark.</summary>
    internal static Encoding Default => Utf8;

    /// <returns>Null when there is no such encoding on this machine.</returns>
    internal static Encoding? Find(string name)
    {
        try
        {
            if (Known.TryGetValue(name, out Func<Encoding>? create))
            {
                return create();
            }

            return int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int codePage)
                ? Encoding.GetEncoding(codePage)
                : Encoding.GetEncoding(name);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
