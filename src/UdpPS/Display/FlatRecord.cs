using System;
using System.Collections;
using System.ComponentModel;
using System.Globalization;
using System.Linq;
using System.Management.Automation;

namespace UdpPS.Display;

/// <summary>
/// Makes what the cmdlets emit into records of texts and numbers, for CSV and JSON. It is the ToRecord method of
/// messages and acks, also of those that come from a job or a file, and have no class any more.
/// </summary>
/// <remarks>Public only because PowerShell calls what UdpPS.Types.ps1xml names; not for use by programs.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class FlatRecord
{
    private const string AckBytes = "AckBytes";

    // Not all there are: an object from a job also tells of the job.
    private static readonly string[] Names =
    {
        "ReceivedAt", "SentAt", "Server", "RemoteAddress", "RemotePort", "Port", "LocalAddress", "LocalPort",
        "Message", "SentMessage", "Bytes", "Length", "Status", "Reason", "Attempts", "RoundTripMilliseconds",
        "Ack", "AckBytes", "Sequence",
    };

    /// <summary>
    /// Times become ISO 8601 with their offset, bytes hexadecimal digits, the status its name and the ack its text; the
    /// rest stays as it is. Behind them stand the columns of the row that a message was sent for, unless they have the same name.
    /// </summary>
    /// <param name="source">A message or an ack.</param>
    /// <returns>An object with the same properties, the time first.</returns>
    public static PSObject ToRecord(PSObject source)
    {
        _ = source ?? throw new ArgumentNullException(nameof(source));
        var record = new PSObject();
        foreach (string name in Names)
        {
            if (name == AckBytes && source.Properties[nameof(UdpSentMessage.Ack)] is { } ack)
            {
                Add(record, name, BytesOf(ack.Value));
            }
            else if (source.Properties[name] is { } property)
            {
                Add(record, name, property.Value);
            }
        }

        if (source.Properties[nameof(UdpSentMessage.InputObject)]?.Value is { } row)
        {
            AddRow(record, PSObject.AsPSObject(row));
        }

        return record;
    }

    private static void AddRow(PSObject record, PSObject row)
    {
        if (row.BaseObject is IDictionary)
        {
            return;
        }

        foreach (PSPropertyInfo column in row.Properties.Where(column => record.Properties[column.Name] is null).ToArray())
        {
            Add(record, column.Name, ValueOf(column));
        }
    }

    private static void Add(PSObject record, string name, object? value) =>
        record.Properties.Add(new PSNoteProperty(name, Flatten(value)));

    // Of a live ack, or of one from a job or a file.
    private static object? BytesOf(object? ack) => ack switch
    {
        null => null,
        UdpAck live => live.Bytes,
        _ => PSObject.AsPSObject(ack).Properties[nameof(UdpAck.Bytes)]?.Value,
    };

    private static object? ValueOf(PSPropertyInfo column)
    {
        try
        {
            return column.Value;
        }
        catch (GetValueException)
        {
            // Some properties of .NET objects throw. The column stays, so that all records have the same.
            return null;
        }
    }

    private static object? Flatten(object? value) => value switch
    {
        byte[] bytes => string.Concat(bytes.Select(part => part.ToString("x2", CultureInfo.InvariantCulture))),
        DateTime time => time.ToString("o", CultureInfo.InvariantCulture),
        UdpAck ack => ack.Message,
        Enum => value.ToString(),
        PSObject { BaseObject: byte[] or DateTime } wrapped => Flatten(wrapped.BaseObject),

        null or string or bool or IConvertible => value,

        // From a job or a file.
        PSObject wrapped when wrapped.TypeNames.Contains("Deserialized." + typeof(UdpAck).FullName) =>
            wrapped.Properties[nameof(UdpAck.Message)]?.Value,

        // A status from there, or whatever a row has in a column.
        _ => LanguagePrimitives.ConvertTo<string>(value),
    };
}
