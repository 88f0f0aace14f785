using System;
using System.ComponentModel;
using System.Globalization;
using System.Linq;
using System.Management.Automation;

namespace UdpPS.Commands;

/// <summary>
/// Makes what the cmdlets put out into records of texts and numbers, for CSV and JSON. It is the ToRecord method of
/// messages and acks, also of those that come from a job or a file, and have no class any more.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class FlatRecord
{
    // Not all there are: an object from a job also tells of the job.
    private static readonly string[] Names =
    {
        "ReceivedAt", "SentAt", "Server", "RemoteAddress", "RemotePort", "Port", "LocalAddress", "LocalPort",
        "Message", "SentMessage", "Bytes", "Length", "Status", "Reason", "Attempts", "RoundTripMilliseconds", "Ack", "Sequence",
    };

    /// <summary>
    /// Times become ISO 8601 with their offset, bytes hexadecimal digits, the status its name and the ack its text; the
    /// rest stays as it is.
    /// </summary>
    /// <param name="source">A message or an ack.</param>
    /// <returns>An object with the same properties, the time first.</returns>
    public static PSObject ToRecord(PSObject source)
    {
        _ = source ?? throw new ArgumentNullException(nameof(source));
        var record = new PSObject();
        foreach (PSPropertyInfo property in Names.Select(name => source.Properties[name]).Where(property => property is not null))
        {
            record.Properties.Add(new PSNoteProperty(property.Name, Flatten(property.Value)));
        }

        return record;
    }

    private static object? Flatten(object? value) => value switch
    {
        byte[] bytes => string.Concat(bytes.Select(part => part.ToString("x2", CultureInfo.InvariantCulture))),
        DateTime time => time.ToString("o", CultureInfo.InvariantCulture),
        UdpAck ack => ack.Message,
        Enum => value.ToString(),
        PSObject { BaseObject: byte[] or DateTime } wrapped => Flatten(wrapped.BaseObject),

        // From a job or a file: a status or an ack.
        PSObject wrapped => wrapped.Properties[nameof(UdpAck.Message)]?.Value ?? wrapped.ToString(),
        _ => value,
    };
}
