using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Text;
using UdpPS.Sending;

namespace UdpPS.Commands;

/// <summary>Makes what is given as a message, by argument or pipeline, into payloads.</summary>
internal static class MessageInput
{
    private const string MessageProperty = "Message";

    private static readonly string[] RecordProperties = { "Server", "Port", MessageProperty };

    /// <summary>
    /// Whether an object is a record whose properties say where and what to send, like a row of a CSV file, so that it
    /// is never itself the message.
    /// </summary>
    internal static bool IsRecord(object input) =>
        BaseOf(input) is not (string or byte[] or UdpMessage)
        && RecordProperties.Any(name => PropertyOf(input, name) is not null);

    /// <summary>A record's message: null when it has none, empty when there is nothing in it.</summary>
    internal static object? MessageOf(object record) =>
        PropertyOf(record, MessageProperty) is { } property ? property.Value ?? string.Empty : null;

    /// <summary>
    /// The payloads an object stands for: bytes as they are, a received message with its exact bytes, each element of a
    /// list, and anything else by its string form.
    /// </summary>
    internal static IEnumerable<MessageContent> ToContents(object input, Encoding encoding) => BaseOf(input) switch
    {
        string text => Only(FromText(text, encoding)),
        byte[] bytes => Only(new MessageContent(bytes, null)),
        UdpMessage message => Only(new MessageContent(message.Bytes, null)),
        IList list => list.Cast<object>().SelectMany(element => ToContents(element, encoding)),
        _ => Only(FromText(LanguagePrimitives.ConvertTo<string>(input), encoding)),
    };

    internal static MessageContent FromText(string text, Encoding encoding) => new(encoding.GetBytes(text), text);

    private static PSPropertyInfo? PropertyOf(object input, string name) => PSObject.AsPSObject(input).Properties[name];

    private static object BaseOf(object input) => input is PSObject wrapped ? wrapped.BaseObject : input;

    private static MessageContent[] Only(MessageContent content) => new[] { content };
}
