using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Net;
using System.Text;
using UdpPS.Parameters;
using Xunit;

namespace UdpPS.Tests.Cmdlets;

/// <summary>What an object is as a message.</summary>
public sealed class PayloadConverterTests
{
    // As PowerShell makes texts of numbers: what is sent does not depend on where the user lives.
    [Fact]
    public void A_number_is_sent_alike_in_every_culture()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            CultureInfo.CurrentCulture.NumberFormat.NumberDecimalSeparator = ",";
            CultureInfo.CurrentCulture.NumberFormat.NegativeSign = "~";
            Assert.Equal(["1.5", "-2", "2.5", "-0.25"], Texts(1.5, -2, 2.5f, -0.25m));
            Assert.Equal("1.5", Convert(Message(1.5)).Single().Text);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Bytes_and_numbers_of_a_byte_are_one_packet()
    {
        Assert.Equal([0, 255, 7], Convert(new object[] { (byte)0, 255, PSObject.AsPSObject(7) }).Single().Bytes);
        Assert.Equal([9], Convert(new List<object> { PSObject.AsPSObject((byte)9) }).Single().Bytes);
        Assert.Equal(["1", "256"], Texts(((byte)1, 256)));
        Assert.Equal(["1", "-1"], Texts(((byte)1, -1)));
        Assert.Equal(["1", "2"], Texts(((byte)1, 2L)));
        Assert.Equal(["0", "255"], Texts((0, 255)));
        Assert.Empty(Convert(Array.Empty<object>()));

        static string[] Texts((object, object) pair) => [.. Convert(new[] { pair.Item1, pair.Item2 }).Select(one => one.Text!)];
    }

    [Fact]
    public void Bytes_have_no_text_and_are_those_of_that_moment()
    {
        byte[] buffer = [1, 2];
        Payload payload = Convert(buffer).Single();
        buffer[0] = 9;
        Assert.Null(payload.Text);
        Assert.Equal([1, 2], payload.Bytes);
        Assert.Null(Convert(new object[] { (byte)1, 2 }).Single().Text);
        Assert.Null(Convert(new UdpAck("x", "192.0.2.1", 9, "y")).Single().Text);
    }

    // The bytes of an object from elsewhere count only if its type says what it is.
    [Theory]
    [InlineData("Deserialized.UdpPS.UdpMessage", true)]
    [InlineData("Deserialized.UdpPS.UdpSentMessage", true)]
    [InlineData("Deserialized.UdpPS.UdpAck", true)]
    [InlineData("Deserialized.UdpPS.UdpListenerStatistics", false)]
    [InlineData("UdpPS.UdpMessage", false)]
    public void A_copy_of_what_came_or_went_has_its_exact_bytes(string type, bool isOurs)
    {
        PSObject copy = Message("text");
        copy.TypeNames.Insert(0, type);
        copy.Properties.Add(new PSNoteProperty("Bytes", PSObject.AsPSObject(new byte[] { 0xC3, 0x28 })));
        Assert.Equal(isOurs ? [0xC3, 0x28] : "text"u8.ToArray(), Convert(copy).Single().Bytes);
    }

    [Fact]
    public void What_came_or_went_is_sent_with_its_exact_bytes()
    {
        byte[] bytes = [0xC3, 0x28];
        var sent = new UdpSentMessage("there", new IPEndPoint(IPAddress.Loopback, 9), bytes, null, Encoding.UTF8);
        Assert.Equal(bytes, Convert(new UdpMessage(bytes, "192.0.2.1", 9)).Single().Bytes);
        Assert.Equal(bytes, Convert(PSObject.AsPSObject(sent)).Single().Bytes);
        Assert.Equal("x"u8.ToArray(), Convert(new UdpAck("x", "192.0.2.1", 9, "y")).Single().Bytes);
    }

    // It says where to send to: what is to be sent is missing. Its string form would be a listing.
    [Theory]
    [InlineData("Server", "Missing")]
    [InlineData("Port", "Missing")]
    [InlineData("Host", "NotText")]
    public void A_row_without_a_message_is_told_from_what_has_no_text(string property, string fault)
    {
        var row = new PSObject();
        row.Properties.Add(new PSNoteProperty(property, "9"));
        Payload payload = Convert(row).Single();
        Assert.Equal(fault, payload.Fault.ToString());
        Assert.Same(row, payload.Source);
        Assert.Empty(payload.Bytes);
        Assert.Equal("NotText", Convert(new Hashtable { [property] = "9" }).Single().Fault.ToString());
    }

    [Fact]
    public void An_object_has_the_text_that_it_had_before_it_was_saved()
    {
        Assert.Equal("192.0.2.1", Convert(Copy(IPAddress.Parse("192.0.2.1"))).Single().Text);
        Assert.Equal("NotText", Convert(Copy(new Random(3))).Single().Fault.ToString());
        Assert.Equal("NotText", Convert(Copy(Record())).Single().Fault.ToString());
        Assert.Equal("NotText", Convert(Record()).Single().Fault.ToString());

        static PSObject Record()
        {
            var record = new PSObject();
            record.Properties.Add(new PSNoteProperty("a", 1));
            return record;
        }
    }

    [Fact]
    public void A_message_may_be_a_record_with_a_message()
    {
        PSObject inner = Record("x");
        Assert.Equal("x", Convert(Record(inner)).Single().Text);
        Assert.Equal(["x", "y"], Convert(Record(new object[] { inner, Record("y") })).Select(payload => payload.Text));

        PSObject own = Record("x");
        own.Properties["Message"].Value = own;
        Assert.Equal("NotText", Convert(own).Single().Fault.ToString());

        static PSObject Record(object message)
        {
            var record = new PSObject();
            record.Properties.Add(new PSNoteProperty("Message", message));
            return record;
        }
    }

    [Theory]
    [InlineData(100, true)]
    [InlineData(101, false)]
    public void Lists_may_be_a_hundred_deep_in_each_other(int depth, bool isSent)
    {
        object list = "x";
        for (int i = 0; i < depth; i++)
        {
            list = new[] { list };
        }

        Payload payload = Convert(list).Single();
        Assert.Equal(isSent ? PayloadFault.None : PayloadFault.NotText, payload.Fault);
        Assert.Equal(isSent, payload.Text == "x");
    }

    // It is inside itself only along the way in.
    [Fact]
    public void An_object_may_come_twice_side_by_side()
    {
        object[] pair = ["a", "b"];
        Assert.Equal(["a", "b", "a", "b"], Convert(new object[] { pair, pair }).Select(one => one.Text));
    }

    [Fact]
    public void What_fails_inside_a_list_is_told_and_the_rest_is_sent()
    {
        var failing = new Failing();
        Payload[] payloads = [.. Convert(new object?[] { "a", failing, null, "b" })];
        Assert.Equal(["None", "Failed", "Missing", "None"], payloads.Select(one => one.Fault.ToString()));
        Assert.Same(failing, payloads[1].Source);
        Assert.Equal("no text", payloads[1].Exception!.GetBaseException().Message);
        Assert.Equal("b", payloads[3].Text);
    }

    [Theory]
    [InlineData(3, 3)]
    [InlineData(0, 0)]
    [InlineData(null, 1)]
    public void A_list_counts_as_many_messages_as_it_has_elements(int? length, int expected) =>
        Assert.Equal(expected, PayloadConverter.CountOf(length is { } count ? PSObject.AsPSObject(new string[count]) : "text"));

    private static IEnumerable<Payload> Convert(object? input) => PayloadConverter.ConvertAll(input, new UTF8Encoding(false));

    private static string[] Texts(params object[] values) => [.. values.Select(value => Convert(value).Single().Text!)];

    private static PSObject Message(object value)
    {
        var record = new PSObject();
        record.Properties.Add(new PSNoteProperty("Message", value));
        return record;
    }

    private static PSObject Copy(object value) => (PSObject)PSSerializer.Deserialize(PSSerializer.Serialize(value));

    private sealed class Failing
    {
        public override string ToString() => throw new InvalidOperationException("no text");
    }
}
