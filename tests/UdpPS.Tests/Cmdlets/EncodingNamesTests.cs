using System;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Text;
using UdpPS.Parameters;
using Xunit;

namespace UdpPS.Tests.Cmdlets;

public sealed class EncodingNamesTests
{
    // Bytes, and the byte order mark that the encoding knows of, which only names that say so have.
    [Theory]
    [InlineData("ascii", "3F", "")]
    [InlineData("bigendianunicode", "00E9", "")]
    [InlineData("bigendianutf32", "000000E9", "")]
    [InlineData("unicode", "E900", "")]
    [InlineData("utf32", "E9000000", "")]
    [InlineData("utf8", "C3A9", "")]
    [InlineData("utf8BOM", "C3A9", "EFBBBF")]
    [InlineData("utf8NoBOM", "C3A9", "")]
    [InlineData("UTF8nobom", "C3A9", "")]
    [InlineData("iso-8859-1", "E9", "")]
    [InlineData("28591", "E9", "")]
    [InlineData("1200", "E900", "FFFE")]
    public void A_name_has_its_bytes(string name, string bytes, string mark)
    {
        Encoding encoding = EncodingNames.Find(name)!;
        Assert.Equal(bytes, Hex(encoding.GetBytes("é")));
        Assert.Equal(mark, Hex(encoding.GetPreamble()));
    }

    [Theory]
    [InlineData("ansi")]
    [InlineData("default")]
    [InlineData("oem")]
    public void The_encodings_of_the_system_are_those_of_its_language(string name)
    {
        TextInfo texts = CultureInfo.CurrentCulture.TextInfo;
        Assert.Equal(Find(name == "oem" ? texts.OEMCodePage : texts.ANSICodePage), EncodingNames.Find(name)?.CodePage);

        static int? Find(int codePage) => EncodingNames.Find(codePage.ToString(CultureInfo.InvariantCulture))?.CodePage;
    }

    [Theory]
    [InlineData("klingon")]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("99999")]
    public void What_is_none_is_not_found(string name) => Assert.Null(EncodingNames.Find(name));

    [Fact]
    public void Each_name_that_is_offered_is_in_order_and_is_found()
    {
        Assert.Equal(EncodingNames.All.Order(StringComparer.OrdinalIgnoreCase), EncodingNames.All);
        Assert.Equal(11, EncodingNames.All.Count());
        Assert.Equal("C3A9", Hex(EncodingNames.Default.GetBytes("é")));
        Assert.Empty(EncodingNames.Default.GetPreamble());
    }

    [Fact]
    public void An_object_is_taken_as_it_is_bare_or_wrapped_by_PowerShell()
    {
        var transformation = new EncodingTransformationAttribute();
        Encoding encoding = new UTF8Encoding(false, true);
        Assert.Same(encoding, transformation.Transform(null!, encoding));
        Assert.Same(encoding, transformation.Transform(null!, PSObject.AsPSObject(encoding)));
        Assert.Equal(28591, ((Encoding)transformation.Transform(null!, PSObject.AsPSObject(28591))).CodePage);
        Assert.Throws<ArgumentTransformationMetadataException>(() => transformation.Transform(null!, null!));
    }

    private static string Hex(byte[] bytes) => Convert.ToHexString(bytes);
}
