using System.Linq;
using UdpPS.Display;
using Xunit;

namespace UdpPS.Tests.Engine;

public sealed class ControlCharacterEscaperTests
{
    [Theory]
    [InlineData(null, "")]
    [InlineData("", "")]
    [InlineData("plain, ümläut, 日本, 😀", "plain, ümläut, 日本, 😀")]
    [InlineData("a\u001B[2Jb", "a␛[2Jb")]
    [InlineData("\0\a\t\r\n", "␀␇␉␍␊")]
    [InlineData("\u007F", "␡")]
    [InlineData("\u009B31m", "\\u009B31m")]
    [InlineData("a\u202Eb", "a\\u202Eb")]
    [InlineData("a\u2028b\u2029c", "a\\u2028b\\u2029c")]
    [InlineData("\u200E\u200F\u061C\u2066\u2069", "\\u200E\\u200F\\u061C\\u2066\\u2069")]
    [InlineData("\uFEFFa\u200Bb\u00ADc\u2060", "\\uFEFFa\\u200Bb\\u00ADc\\u2060")]
    [InlineData("a\U000E0041b😀", "a\\U000E0041b😀")]
    public void What_drives_a_terminal_becomes_visible(string? text, string expected) =>
        Assert.Equal(expected, ControlCharacterEscaper.Escape(text));

    [Fact]
    public void Nothing_active_is_left_of_any_character()
    {
        string everything = new(Enumerable.Range(0, 0xD800).Select(code => (char)code).ToArray());
        string shown = ControlCharacterEscaper.Escape(everything);
        Assert.DoesNotContain(shown, character => char.IsControl(character) || character is >= '\u202A' and <= '\u202E');
    }
}
