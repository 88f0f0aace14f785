using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Text;

namespace UdpPS.AckScripts;

/// <summary>Makes what an -AckScript put out into an answer.</summary>
internal static class AckScriptOutput
{
    /// <returns>The answer; null when nothing was put out.</returns>
    /// <exception cref="AckScriptException">It is neither one string nor bytes.</exception>
    internal static byte[]? ToAnswer(IReadOnlyList<PSObject> output, Encoding encoding)
    {
        object[] values = output.Where(value => value is not null).Select(value => value.BaseObject).ToArray();

        // The pipeline takes a byte[] apart: its bytes come one by one.
        return values switch
        {
            [] => null,
            [string text] => encoding.GetBytes(text),
            [byte[] bytes] => bytes,
            _ when values.All(value => value is byte) => values.Cast<byte>().ToArray(),
            [var other] => throw new AckScriptException($"it put out a {other.GetType().Name}, which is neither text nor bytes."),
            _ => throw new AckScriptException($"it put out {values.Length} objects, and an answer is one."),
        };
    }

    /// <summary>The answer's failure as a sentence.</summary>
    internal static AckScriptException Failure(RuntimeException exception) => new($"it failed: {exception.Message}", exception);
}
