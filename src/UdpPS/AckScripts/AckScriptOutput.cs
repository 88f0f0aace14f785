using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Text;

namespace UdpPS.AckScripts;

/// <summary>Makes what an -AckScript output into an ack.</summary>
internal static class AckScriptOutput
{
    /// <returns>The ack; null when nothing was output.</returns>
    /// <exception cref="AckScriptException">It is neither one string, in that encoding, nor bytes.</exception>
    internal static byte[]? ToAck(IReadOnlyList<PSObject> output, Encoding encoding)
    {
        object[] values = output.Where(value => value is not null).Select(value => value.BaseObject).ToArray();

        // The pipeline takes a byte[] apart: its bytes come one by one.
        return values switch
        {
            [] => null,
            [string text] => Encode(text, encoding),
            [byte[] bytes] => bytes,
            _ when values.All(value => value is byte) => values.Cast<byte>().ToArray(),
            [var other] => throw new AckScriptException($"it output a {other.GetType().Name}, which is neither text nor bytes."),
            _ => throw new AckScriptException($"it output {values.Length} objects, and an ack is one."),
        };
    }

    /// <summary>The failure as a sentence.</summary>
    internal static AckScriptException Failure(Exception exception) => new($"it failed: {exception.Message}", exception);

    // An Encoding object may have been made to throw.
    private static byte[] Encode(string text, Encoding encoding)
    {
        try
        {
            return encoding.GetBytes(text);
        }
        catch (EncoderFallbackException exception)
        {
            throw new AckScriptException($"it output text that {encoding.WebName} does not have. {exception.Message}", exception);
        }
    }
}
