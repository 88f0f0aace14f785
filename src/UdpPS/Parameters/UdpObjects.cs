using System.Linq;
using System.Management.Automation;

namespace UdpPS.Parameters;

/// <summary>Recognizes the module's own objects, those too that come from a job or a file and have no class any more.</summary>
internal static class UdpObjects
{
    private const string DeserializedPrefix = "Deserialized.";

    internal static bool IsAck(PSObject? input) => input is not null && (input.BaseObject is UdpAck || IsTwin(input, typeof(UdpAck).FullName));

    /// <summary>The exact bytes of a message or an ack.</summary>
    /// <returns>Null for anything else.</returns>
    internal static byte[]? BytesOf(object? input) => BaseObject.Of(input) switch
    {
        UdpMessage message => message.Bytes,
        UdpSentMessage message => message.Bytes,
        UdpAck ack => ack.Bytes,
        PSCustomObject => TwinBytesOf((PSObject)input!),
        _ => null,
    };

    private static byte[]? TwinBytesOf(PSObject input)
    {
        bool isTwin = IsTwin(input, typeof(UdpMessage).FullName)
            || IsTwin(input, typeof(UdpSentMessage).FullName)
            || IsTwin(input, typeof(UdpAck).FullName);
        object? bytes = isTwin ? input.Properties[nameof(UdpMessage.Bytes)]?.Value : null;
        return BaseObject.Of(bytes) as byte[];
    }

    private static bool IsTwin(PSObject input, string typeName) => input.TypeNames.FirstOrDefault() == DeserializedPrefix + typeName;
}
