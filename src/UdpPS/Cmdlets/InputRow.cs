using System.Collections.Generic;
using System.Management.Automation;

namespace UdpPS.Commands;

/// <summary>What stays with a message of the object that came down the pipeline.</summary>
internal static class InputRow
{
    /// <returns>Null for a text and for bytes, which the message itself has.</returns>
    internal static object? Of(PSObject? input) =>
        input?.BaseObject is null or string or byte or IEnumerable<byte> or object[] ? null : input;
}
