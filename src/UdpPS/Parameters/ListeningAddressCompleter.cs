using System.Collections.Generic;
using System.Linq;

namespace UdpPS.Parameters;

/// <summary>Completes what a listener can listen on: Any, and this machine's addresses.</summary>
internal sealed class ListeningAddressCompleter : LocalAddressCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<(string Text, string? ToolTip)> Candidates() =>
        new[] { ("Any", (string?)"Any: every address of this machine, IPv4 and IPv6, open to the network") }
            .Concat(base.Candidates());
}
