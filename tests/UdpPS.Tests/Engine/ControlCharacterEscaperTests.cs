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
    [InlineData("\u001F ~\u0080\u009F\u00A0", "␟ ~\\u0080\\u009F\u00A0")]
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

    [Fact]
    public void What_needs_no_escape_is_the_same_text()
    {
        string text = new('a', 3);
        Assert.Same(text, ControlCharacterEscaper.Escape(text));
    }

    [Theory]
    [InlineData(100, "")]
    [InlineData(101, "...")]
    public void A_quotation_has_a_hundred_characters_at_most_and_shows_that_there_is_more(int length, string end) =>
        Assert.Equal($"␛{new string('a', 99)}{end}", ControlCharacterEscaper.Quote($"\u001B{new string('a', length - 1)}"));
}
