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
    /// What an object stands for: bytes as they are; what came or went by UDP with its exact bytes; the message of a record
    /// whose properties say where and what to send, like a row of a CSV file; each element of a list; and anything else by
    /// its string form.
    /// </summary>
    /// <param name="input">What was given.</param>
    /// <param name="encoding">How text becomes bytes.</param>
    /// <returns>Null for a record that has no message: it is never itself the message.</returns>
    internal static IEnumerable<MessageContent?> ToContents(object input, Encoding encoding)
    {
        object value = input is PSObject wrapped ? wrapped.BaseObject : input;
        return value switch
        {
            string text => Only(FromText(text, encoding)),
            byte[] bytes => Only(new MessageContent(bytes, null)),
            UdpMessage message => Only(new MessageContent(message.Bytes, null)),
            UdpSentMessage message => Only(new MessageContent(message.Bytes, null)),
            UdpAck ack => Only(new MessageContent(ack.Bytes, null)),
            IList list when IsBytes(list) => Only(new MessageContent(list.Cast<object>().Select(ToByte).ToArray(), null)),
            IList list => list.Cast<object?>().SelectMany(element => ToContents(element ?? string.Empty, encoding)),
            _ when IsRecord(input) => FromRecord(input, encoding),
            _ => Only(FromText(LanguagePrimitives.ConvertTo<string>(input), encoding)),
        };
    }

    private static bool IsRecord(object input) => RecordProperties.Any(name => PropertyOf(input, name) is not null);

    // An empty cell is an empty message; a missing column is none.
    private static IEnumerable<MessageContent?> FromRecord(object record, Encoding encoding) =>
        PropertyOf(record, MessageProperty) is { } property
            ? ToContents(property.Value ?? string.Empty, encoding)
            : new MessageContent?[] { null };

    // PowerShell makes an object[] of a range of a byte[].
    private static bool IsBytes(IList list) => list.Count > 0 && list.Cast<object?>().All(element => BaseOf(element) is byte);

    private static byte ToByte(object element) => (byte)BaseOf(element)!;

    private static object? BaseOf(object? element) => element is PSObject wrapped ? wrapped.BaseObject : element;

    private static PSPropertyInfo? PropertyOf(object input, string name) => PSObject.AsPSObject(input).Properties[name];

    private static MessageContent FromText(string text, Encoding encoding) => new(encoding.GetBytes(text), text);

    private static MessageContent?[] Only(MessageContent content) => new MessageContent?[] { content };
}
