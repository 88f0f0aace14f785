using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Text;
using System.Xml;

namespace UdpPS.Parameters;

/// <summary>Converts what is given as a message, by argument or pipeline, into payloads.</summary>
internal static class PayloadConverter
{
    private const string MessageProperty = "Message";
    private const string DeserializedPrefix = "Deserialized.";

    // Lists and Message properties within each other. Deeper ones would end the process by its stack.
    private const int MaximumDepth = 100;

    /// <summary>
    /// What an object stands for: bytes as they are; what came or went by UDP with its exact bytes; each element of a list; the
    /// Message property of an object that has one; and anything else by its string form, if that is a text of its own.
    /// </summary>
    /// <param name="input">What was given.</param>
    /// <param name="encoding">How text becomes bytes.</param>
    internal static IEnumerable<Payload> ConvertAll(object? input, Encoding encoding) =>
        ConvertAll(input, encoding, new Stack<object?>());

    /// <summary>As <see cref="ConvertAll(object, Encoding)"/>, for what stands for just one message, or for none.</summary>
    /// <returns>False for a list, and for an object with a Message property.</returns>
    internal static bool TryConvert(object? input, Encoding encoding, out Payload payload)
    {
        try
        {
            return TryConvertBase(input, encoding, out payload);
        }
        catch (Exception exception) when (IsOfInput(exception))
        {
            payload = Payload.Faulty(PayloadFault.Failed, input, exception);
            return true;
        }
    }

    // An object may be inside itself.
    private static IEnumerable<Payload> ConvertAll(object? input, Encoding encoding, Stack<object?> around)
    {
        if (TryConvert(input, encoding, out Payload payload))
        {
            yield return payload;
            yield break;
        }

        if (around.Count == MaximumDepth || around.Any(outer => ReferenceEquals(outer, IdentityOf(input))))
        {
            yield return Payload.Faulty(PayloadFault.NotText, input);
            yield break;
        }

        around.Push(IdentityOf(input));
        foreach (object? element in PartsOf(input!))
        {
            if (TryConvert(element ?? Payload.Faulty(PayloadFault.Missing, input), encoding, out Payload single))
            {
                yield return single;
                continue;
            }

            foreach (Payload part in ConvertAll(element, encoding, around))
            {
                yield return part;
            }
        }

        around.Pop();
    }

    // The elements of a list, or the Message property of what is none. A property that throws is a fault of its object.
    private static IEnumerable PartsOf(object input)
    {
        if (BaseObject.Of(input) is IList list)
        {
            return list;
        }

        try
        {
            return new[] { PSObject.AsPSObject(input).Properties[MessageProperty].Value };
        }
        catch (Exception exception) when (IsOfInput(exception))
        {
            return new[] { Payload.Faulty(PayloadFault.Failed, input, exception) };
        }
    }

    // Whatever a property or a string form of an object may throw; not what ends a pipeline.
    private static bool IsOfInput(Exception exception) => exception is not (PipelineStoppedException or FlowControlException);

    private static bool TryConvertBase(object? input, Encoding encoding, out Payload payload)
    {
        switch (BaseObject.Of(input))
        {
            case null:
                payload = Payload.Faulty(PayloadFault.Missing, input);
                return true;
            case Payload ready:
                payload = ready;
                return true;
            case string text:
                payload = FromText(text, encoding);
                return true;
            case byte[] bytes:
                // Scripts use a buffer again, while what was sent may be sent once more.
                payload = new Payload((byte[])bytes.Clone(), null);
                return true;
            case IList list:
                byte[]? packet = ToBytes(list);
                payload = packet is null ? default : new Payload(packet, null);
                return packet is not null;
            case var value when value.GetType().IsPrimitive:
                payload = FromText(LanguagePrimitives.ConvertTo<string>(value), encoding);
                return true;
            default:
                return TryConvertObject(input!, encoding, out payload);
        }
    }

    /// <summary>How many messages an object stands for, unless there are lists in it.</summary>
    internal static int CountOf(object? input) => BaseObject.Of(input) is IList list ? list.Count : 1;

    private static bool TryConvertObject(object input, Encoding encoding, out Payload payload)
    {
        if (UdpObjects.BytesOf(input) is { } bytes)
        {
            payload = new Payload(bytes, null);
            return true;
        }

        PSObject value = PSObject.AsPSObject(input);
        PSMemberInfoCollection<PSPropertyInfo> properties = value.Properties;
        if (value.BaseObject is not (IDictionary or XmlNode) && properties[MessageProperty] is not null)
        {
            payload = default;
            return false;
        }

        bool isTarget = value.BaseObject is not IDictionary && (properties["Server"] is not null || properties["Port"] is not null);
        payload = isTarget ? Payload.Faulty(PayloadFault.Missing, input)
            : FindText(value) is { } text ? FromText(text, encoding)
            : Payload.Faulty(PayloadFault.NotText, input);
        return true;
    }

    // The string form of most objects is the name of their type, and of a record a listing. An object from a job or a file
    // still has the string form that it had.
    private static string? FindText(PSObject value)
    {
        if (value.BaseObject is IDictionary or XmlNode)
        {
            return null;
        }

        string type = value.TypeNames.FirstOrDefault() ?? string.Empty;
        bool isDeserialized = type.StartsWith(DeserializedPrefix, StringComparison.Ordinal);
        bool isRecord = value.BaseObject is PSCustomObject
            && (!isDeserialized || value.TypeNames.Contains(DeserializedPrefix + typeof(PSCustomObject).FullName));
        if (isRecord)
        {
            return null;
        }

        string text = LanguagePrimitives.ConvertTo<string>(value);
        string typeName = isDeserialized ? type.Substring(DeserializedPrefix.Length) : value.BaseObject.GetType().ToString();
        return text == typeName || text == type ? null : text;
    }

    // A packet that a script puts together is a list of bytes and of numbers: PowerShell makes an object[] of [byte[]] + 255.
    // Numbers alone are messages, since nothing says that they are bytes.
    private static byte[]? ToBytes(IList list)
    {
        bool hasByte = false;
        foreach (object? element in list)
        {
            object? value = BaseObject.Of(element);
            if (value is not (byte or int and >= byte.MinValue and <= byte.MaxValue))
            {
                return null;
            }

            hasByte |= value is byte;
        }

        return hasByte ? list.Cast<object>().Select(ToByte).ToArray() : null;
    }

    private static byte ToByte(object element) => BaseObject.Of(element) is int number ? (byte)number : (byte)BaseObject.Of(element)!;

    // All custom objects have one base object.
    private static object? IdentityOf(object? element) => BaseObject.Of(element) is PSCustomObject ? element : BaseObject.Of(element);

    private static Payload FromText(string text, Encoding encoding) => new(encoding.GetBytes(text), text);
}
