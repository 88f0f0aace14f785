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
        if (TryToContent(input, encoding, out MessageContent content))
        {
            return new MessageContent?[] { content };
        }

        return BaseOf(input) is IList list ? FromList(list, encoding) : FromRecord(input, encoding);
    }

    /// <summary>As <see cref="ToContents"/>, for what stands for just one message.</summary>
    /// <returns>False for a list and for a record.</returns>
    internal static bool TryToContent(object input, Encoding encoding, out MessageContent content)
    {
        content = default;
        switch (BaseOf(input))
        {
            case string text:
                content = FromText(text, encoding);
                return true;
            case byte[] bytes:
                content = new MessageContent(bytes, null);
                return true;
            case UdpMessage message:
                content = new MessageContent(message.Bytes, null);
                return true;
            case UdpSentMessage message:
                content = new MessageContent(message.Bytes, null);
                return true;
            case UdpAck ack:
                content = new MessageContent(ack.Bytes, null);
                return true;
            case IList list when IsBytes(list):
                content = new MessageContent(list.Cast<object>().Select(ToByte).ToArray(), null);
                return true;
            case not IList when !IsRecord(input):
                content = FromText(LanguagePrimitives.ConvertTo<string>(input), encoding);
                return true;
            default:
                return false;
        }
    }

    /// <summary>How many messages an object stands for, unless there are lists in it.</summary>
    internal static int CountOf(object input) => BaseOf(input) is IList list ? list.Count : 1;

    private static IEnumerable<MessageContent?> FromList(IList list, Encoding encoding)
    {
        foreach (object? element in list)
        {
            object input = element ?? string.Empty;
            if (TryToContent(input, encoding, out MessageContent content))
            {
                yield return content;
                continue;
            }

            foreach (MessageContent? inner in ToContents(input, encoding))
            {
                yield return inner;
            }
        }
    }

    private static bool IsRecord(object input)
    {
        PSMemberInfoCollection<PSPropertyInfo> properties = PSObject.AsPSObject(input).Properties;
        return properties["Server"] is not null || properties["Port"] is not null || properties[MessageProperty] is not null;
    }

    // An empty cell is an empty message; a missing column is none.
    private static IEnumerable<MessageContent?> FromRecord(object record, Encoding encoding) =>
        PSObject.AsPSObject(record).Properties[MessageProperty] is { } property
            ? ToContents(property.Value ?? string.Empty, encoding)
            : new MessageContent?[] { null };

    // PowerShell makes an object[] of a range of a byte[].
    private static bool IsBytes(IList list)
    {
        foreach (object? element in list)
        {
            if (BaseOf(element) is not byte)
            {
                return false;
            }
        }

        return list.Count > 0;
    }

    private static byte ToByte(object element) => (byte)BaseOf(element)!;

    private static object? BaseOf(object? element) => element is PSObject wrapped ? wrapped.BaseObject : element;

    private static MessageContent FromText(string text, Encoding encoding) => new(encoding.GetBytes(text), text);
}
