using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Reflection;
using System.Xml.Linq;
using UdpPS.Display;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Cmdlets;

/// <summary>The views that ship. What they look like in PowerShell is tested there.</summary>
public sealed class ViewTests
{
    private static readonly XDocument Views = Load("UdpPS.Format.ps1xml");
    private static readonly XDocument Types = Load("UdpPS.Types.ps1xml");

    // A listener's job has the table that PowerShell has for every job, amid which it is shown.
    public static TheoryData<Type> ShownTypes => [.. typeof(UdpMessage).Assembly.GetExportedTypes().Where(type =>
        type.Namespace == nameof(UdpPS) && type is { IsEnum: false, IsAbstract: false } && type != typeof(UdpListenerJob))];

    public static TheoryData<Type> MessageTypes => [typeof(UdpMessage), typeof(UdpSentMessage), typeof(UdpAck)];

    [Theory]
    [MemberData(nameof(ShownTypes))]
    public void Every_output_type_has_one_table_and_one_list(Type type)
    {
        Assert.Single(ViewsOf(type), view => view.Element("TableControl") is not null);
        Assert.Single(ViewsOf(type), view => view.Element("ListControl") is not null);
    }

    [Theory]
    [MemberData(nameof(ShownTypes))]
    public void Every_column_but_the_last_has_its_width_and_numbers_stand_to_the_right(Type type)
    {
        XElement table = ViewsOf(type).Single(view => view.Element("TableControl") is not null);
        XElement[] headers = table.Descendants("TableColumnHeader").ToArray();
        XElement[] cells = table.Descendants("TableColumnItem").ToArray();
        Assert.Equal(headers.Length, cells.Length);
        Assert.All(headers[..^1], header => Assert.NotNull(header.Element("Width")));
        for (int i = 0; i < cells.Length; i++)
        {
            bool isNumber = type.GetProperty(cells[i].Element("PropertyName")!.Value)?.PropertyType is { } value
                && (value == typeof(int) || value == typeof(long) || value == typeof(double?));
            Assert.Equal(isNumber ? "Right" : null, headers[i].Element("Alignment")?.Value);
        }
    }

    [Theory]
    [MemberData(nameof(ShownTypes))]
    public void Each_heading_and_label_is_the_name_of_what_stands_under_it(Type type)
    {
        XElement[] headings = ViewsOf(type).Descendants("TableColumnHeader").ToArray();
        XElement[] columns = ViewsOf(type).Descendants("TableColumnItem").ToArray();
        Assert.Equal(columns.Select(ShownBy), headings.Select(heading => heading.Element("Label")!.Value));
        Assert.All(ViewsOf(type).Descendants("ListItem").Where(item => item.Element("Label") is not null), item =>
        {
            Assert.Equal(ShownBy(item), item.Element("Label")!.Value);
            Assert.NotNull(type.GetProperty(item.Element("Label")!.Value));
        });

        // A member that only makes the text of a property has its name behind PSView, or PSViewShort.
        static string ShownBy(XElement item)
        {
            string name = item.Element("PropertyName")!.Value.Replace("PSViewShort", "").Replace("PSView", "");
            return item.Name == "TableColumnItem" && name == nameof(UdpAck.RoundTripMilliseconds) ? "RTT(ms)" : name;
        }
    }

    [Theory]
    [InlineData(typeof(UdpMessage), "PSViewShortReceivedAt 18, PSViewShortRemoteAddress 19, RemotePort 10, PSViewMessage")]
    [InlineData(typeof(UdpSentMessage), "PSViewShortServer 19, Port 5, PSViewStatus 12, RoundTripMilliseconds 9 {0:0.000}, PSViewMessage")]
    [InlineData(typeof(UdpAck), "PSViewServer 15, PSViewShortRemoteAddress 19, Port 5, RoundTripMilliseconds 9 {0:0.000}, PSViewMessage")]
    [InlineData(typeof(UdpListenerStatistics), "Received 9, Delivered 9, Acknowledged 12, Dropped 9, Denied 7, Errors 6")]
    public void A_table_has_what_there_is_room_for(Type type, string expected)
    {
        XElement table = ViewsOf(type).First();
        IEnumerable<string> columns = table.Descendants("TableColumnItem").Zip(table.Descendants("TableColumnHeader"), (item, header) => string.Join(
            ' ',
            new[] { item.Element("PropertyName"), header.Element("Width"), item.Element("FormatString") }.OfType<XElement>().Select(part => part.Value)));
        Assert.Equal(expected, string.Join(", ", columns));
    }

    [Theory]
    [MemberData(nameof(ShownTypes))]
    public void A_list_has_every_property_once_and_in_their_order(Type type)
    {
        XElement[] items = ViewsOf(type).Last().Descendants("ListItem").ToArray();
        Assert.Equal(
            type.GetProperties().Select(property => property.Name).Where(name => name != "InputObject"),
            items.Select(item => (item.Element("Label") ?? item.Element("PropertyName")!).Value));
        Assert.All(items.Where(item => item.Element("Label") is not null), item =>
            Assert.Equal("PSView" + item.Element("Label")!.Value, item.Element("PropertyName")!.Value));
        Assert.All(items.Where(item => item.Element("PropertyName")!.Value == "RoundTripMilliseconds"), item =>
            Assert.Equal("{0:0.000}", item.Element("FormatString")?.Value));
    }

    // Its name says what it shows.
    [Theory]
    [MemberData(nameof(MessageTypes))]
    public void Each_hidden_member_shows_what_it_is_named_for_and_a_copy_has_the_same(Type type)
    {
        XElement[] members = MembersOf(type);
        Assert.True(XNode.DeepEquals(members[0], members[1]));
        Assert.All(members[0].Elements("CodeProperty"), member =>
        {
            XElement code = member.Element("GetCodeReference")!;
            Assert.Equal(typeof(DisplayMembers).FullName, code.Element("TypeName")!.Value);
            Assert.Equal(member.Element("Name")!.Value.Replace("PSView", "Get"), code.Element("MethodName")!.Value);
        });
        XElement record = Assert.Single(members[0].Elements("CodeMethod"));
        Assert.Equal("ToRecord", record.Element("Name")!.Value);
        Assert.Equal($"{typeof(FlatRecord).FullName}ToRecord", record.Element("CodeReference")!.Value);

        // The heading of the column can be typed.
        string[] aliases = [.. members[0].Elements("AliasProperty").Select(alias => $"{alias.Attribute("IsHidden")?.Value} {alias.Value}")];
        Assert.Equal(type == typeof(UdpMessage) ? [] : ["true RTTRoundTripMilliseconds"], aliases);
    }

    [Theory]
    [MemberData(nameof(MessageTypes))]
    public void Amid_other_objects_all_is_shown_but_the_bytes_and_the_row(Type type) => Assert.Equal(
        type.GetProperties().Select(property => property.Name).Except(["Bytes", "InputObject"])
            .Select(name => name is "Message" or "SentMessage" ? "PSView" + name : name),
        Set(MembersOf(type)[0], "DefaultDisplayPropertySet"));

    [Fact]
    public void A_job_amid_other_objects_shows_where_it_listens_and_not_what_waits_in_it() => Assert.Equal(
        ["Id", "Name", "State", "HasMoreData", "LocalAddress", "LocalPort", "StatusMessage", "Command", "PSBeginTime", "PSEndTime"],
        Set(Types.Descendants("Type").Single(one => one.Element("Name")!.Value == typeof(UdpListenerJob).FullName), "DefaultDisplayPropertySet"));

    [Theory]
    [MemberData(nameof(ShownTypes))]
    public void No_text_is_shown_as_it_is(Type type)
    {
        string[] shown = ViewsOf(type).Descendants("PropertyName").Select(name => name.Value).Distinct().ToArray();
        string[] hidden = shown.Where(name => type.GetProperty(name) is null).ToArray();
        Assert.All(shown.Except(hidden), name => Assert.True(IsHarmless(type.GetProperty(name)!.PropertyType), name));
        if (hidden.Length > 0)
        {
            Assert.All(MembersOf(type), members => Assert.Subset(HiddenMembersOf(members), hidden.ToHashSet()));
        }
    }

    // A session in constrained language refuses what a script would call.
    [Fact]
    public void What_is_shown_needs_no_script()
    {
        Assert.DoesNotContain(Views.Descendants(), element => element.Name.LocalName.StartsWith("Script", StringComparison.Ordinal));
        Assert.DoesNotContain(Types.Descendants(), element => element.Name.LocalName.StartsWith("Script", StringComparison.Ordinal));
        Assert.All(Types.Descendants("TypeName"), name =>
        {
            MethodInfo method = typeof(UdpMessage).Assembly.GetType(name.Value, throwOnError: true)!
                .GetMethod(name.Parent!.Element("MethodName")!.Value, BindingFlags.Public | BindingFlags.Static)!;
            Assert.Equal([typeof(PSObject)], method.GetParameters().Select(parameter => parameter.ParameterType));
        });
    }

    [Theory]
    [MemberData(nameof(MessageTypes))]
    public void What_is_shown_without_a_view_has_no_text_as_it_is_either(Type type)
    {
        foreach (XElement members in MembersOf(type))
        {
            string[] texts = ["Message", "SentMessage"];
            Assert.Empty(Set(members, "DefaultDisplayPropertySet").Intersect(texts));
            Assert.Equal(members.Elements("CodeProperty").Count(), HiddenMembersOf(members).Count);
        }
    }

    [Theory]
    [MemberData(nameof(MessageTypes))]
    public void All_properties_are_serialized(Type type) => Assert.All(
        MembersOf(type), members => Assert.Equal(NamesOf(type), Set(members, "PropertySerializationSet").Order()));

    [Theory]
    [MemberData(nameof(MessageTypes))]
    public void A_record_has_all_properties_as_texts_and_numbers(Type type)
    {
        var source = new PSObject();
        foreach (PropertyInfo property in type.GetProperties())
        {
            source.Properties.Add(new PSNoteProperty(property.Name, Example(property.PropertyType)));
        }

        source.Properties.Add(new PSNoteProperty("RunspaceId", Guid.Empty));
        PSObject record = FlatRecord.ToRecord(source);

        // What came down the pipeline is taken apart, and the bytes of an ack stand beside its text.
        IEnumerable<string> expected = NamesOf(type).Where(name => name != "InputObject");
        Assert.Equal(
            (type == typeof(UdpSentMessage) ? expected.Append("AckBytes").Order() : expected),
            record.Properties.Select(property => property.Name).Order());
        Assert.Equal("00ff1b", record.Properties["Bytes"].Value);
        Assert.Equal("2026-07-20T10:11:12.1234567Z", record.Properties.First().Value);
        Assert.All(record.Properties, property => Assert.True(property.Value is null or string or int or long or double));
    }

    // The columns of a CSV.
    [Theory]
    [InlineData(typeof(UdpMessage), "ReceivedAt RemoteAddress RemotePort LocalAddress LocalPort Message Bytes Length Sequence")]
    [InlineData(
        typeof(UdpSentMessage),
        "SentAt Server RemoteAddress Port LocalAddress LocalPort Message Bytes Length Status Reason Attempts RoundTripMilliseconds Ack AckBytes")]
    [InlineData(typeof(UdpAck), "ReceivedAt Server RemoteAddress Port Message SentMessage Bytes Length Attempts RoundTripMilliseconds")]
    public void The_columns_of_a_record_stand_in_an_order_of_their_own(Type type, string expected)
    {
        var source = new PSObject();
        foreach (PropertyInfo property in type.GetProperties())
        {
            source.Properties.Add(new PSNoteProperty(property.Name, null));
        }

        Assert.Equal(expected, string.Join(' ', FlatRecord.ToRecord(source).Properties.Select(property => property.Name)));
    }

    [Fact]
    public void The_columns_of_a_row_stay_what_they_are_where_that_is_a_text_or_a_number()
    {
        var copy = new PSObject();
        copy.TypeNames.Insert(0, "Deserialized.UdpPS.UdpAck");
        copy.Properties.Add(new PSNoteProperty("Message", "ok"));
        copy.Properties.Add(new PSNoteProperty("Bytes", new byte[] { 0x6F, 0x6B }));
        var time = new DateTime(2026, 7, 20, 10, 11, 12, DateTimeKind.Utc);
        (object? Given, object? Expected)[] columns =
        [
            ("text", "text"), (1, 1), (1.5, 1.5), (2.5m, 2.5m), (true, true), ('c', 'c'), (null, null), (7L, 7L),
            (DayOfWeek.Friday, "Friday"), (new[] { 1, 2 }, "1 2"), (new byte[] { 0, 0xAB }, "00ab"), (PSObject.AsPSObject(new byte[] { 1 }), "01"),
            (time, "2026-07-20T10:11:12.0000000Z"), (PSObject.AsPSObject(time), "2026-07-20T10:11:12.0000000Z"),
            (new Version(1, 2), "1.2"), (copy, "ok"), (new UdpAck("re", "192.0.2.1", 9, "x"), "re"),
        ];
        var row = new PSObject();
        for (int i = 0; i < columns.Length; i++)
        {
            row.Properties.Add(new PSNoteProperty($"c{i}", columns[i].Given));
        }

        row.Properties.Add(new PSNoteProperty("server", "its own"));
        var source = new PSObject();
        source.Properties.Add(new PSNoteProperty("Server", "there"));
        source.Properties.Add(new PSNoteProperty("Ack", copy));
        source.Properties.Add(new PSNoteProperty("InputObject", row));
        PSObject record = FlatRecord.ToRecord(source);
        Assert.Equal(
            [.. new[] { "Server", "Ack", "AckBytes" }, .. columns.Select((_, i) => $"c{i}")], record.Properties.Select(column => column.Name));
        Assert.Equal(["there", "ok", "6f6b"], record.Properties.Take(3).Select(column => column.Value));
        Assert.Equal(columns.Select(column => column.Expected), record.Properties.Skip(3).Select(column => column.Value));
    }

    // Some properties of .NET objects throw. All records have the same columns.
    [Fact]
    public void A_column_that_cannot_be_read_is_empty()
    {
        var source = new PSObject();
        source.Properties.Add(new PSNoteProperty("Server", "there"));
        source.Properties.Add(new PSNoteProperty("InputObject", System.Net.IPAddress.IPv6Loopback));
        PSObject record = FlatRecord.ToRecord(source);
        Assert.Null(record.Properties["Address"].Value);
        Assert.Equal("InterNetworkV6", record.Properties["AddressFamily"].Value);
    }

    private static object? Example(Type type) =>
        type == typeof(byte[]) ? new byte[] { 0, 255, 27 }
        : type == typeof(DateTime) ? new DateTime(2026, 7, 20, 10, 11, 12, DateTimeKind.Utc).AddTicks(1234567)
        : type == typeof(UdpSendStatus) ? UdpSendStatus.NoReply
        : type == typeof(string) ? "text"
        : type.IsValueType ? Activator.CreateInstance(type)
        : null;

    private static IEnumerable<XElement> ViewsOf(Type type) => Views.Descendants("View")
        .Where(view => view.Element("ViewSelectedBy")!.Elements("TypeName").Any(name => name.Value == type.FullName));

    // Numbers, bytes and times.
    private static bool IsHarmless(Type type) => type == typeof(byte[]) || Nullable.GetUnderlyingType(type) is { IsPrimitive: true }
        || type is { IsValueType: true, IsEnum: false };

    private static HashSet<string> HiddenMembersOf(XElement members) => members.Elements("CodeProperty")
        .Where(property => property.Attribute("IsHidden")?.Value == "true")
        .Select(property => property.Element("Name")!.Value)
        .ToHashSet();

    // The type's own, and those of its deserialized form.
    private static XElement[] MembersOf(Type type)
    {
        XElement[] members = Types.Descendants("Type")
            .Where(one => one.Element("Name")!.Value == type.FullName || one.Element("Name")!.Value == "Deserialized." + type.FullName)
            .Select(one => one.Element("Members")!)
            .ToArray();
        Assert.Equal(2, members.Length);
        return members;
    }

    private static IEnumerable<string> Set(XElement members, string name) => members.Descendants("PropertySet")
        .Single(set => set.Element("Name")!.Value == name)
        .Element("ReferencedProperties")!.Elements("Name").Select(property => property.Value);

    private static IEnumerable<string> NamesOf(Type type) => type.GetProperties().Select(property => property.Name).Order();

    private static XDocument Load(string file) => XDocument.Load(Path.Combine(Path.GetDirectoryName(Repository.Manifest)!, file));
}
