using System.Collections.Generic;
using System.Linq;

namespace UdpPS.Parameters;

/// <summary>Completes the names that <see cref="EncodingTransformationAttribute"/> takes.</summary>
internal sealed class EncodingCompleter : ValueCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<(string Text, string? ToolTip)> Candidates() =>
        EncodingNames.All.Select(name => (name, (string?)null));
}
