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

    // As PowerShell does, which knows these code pages on every system.
    [Theory]
    [InlineData("ansi", "ru-RU", 1251)]
    [InlineData("default", "ru-RU", 1251)]
    [InlineData("oem", "ru-RU", 866)]
    [InlineData("ansi", "el-GR", 1253)]
    [InlineData("oem", "el-GR", 737)]
    public void The_encodings_of_the_system_are_those_of_its_language(string name, string culture, int codePage)
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
            Assert.Equal(codePage, EncodingNames.Find(name)!.CodePage);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
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

    [Fact]
    public void What_is_none_is_told_with_what_there_is()
    {
        var error = Assert.Throws<ArgumentTransformationMetadataException>(
            () => new EncodingTransformationAttribute().Transform(null!, "klingon"));
        Assert.Equal(
            "'klingon' is not an encoding. Give one of ansi, ascii, bigendianunicode, bigendianutf32, default, oem, unicode, utf32, utf8, "
            + "utf8BOM, utf8NoBOM, the number or name of a code page (1252, iso-8859-1), or an Encoding object.",
            error.Message);
    }

    private static string Hex(byte[] bytes) => Convert.ToHexString(bytes);
}
