using System.Collections.Generic;
using System.Linq;

namespace UdpPS.Parameters;

/// <summary>Completes the servers that this session sent to, the last one first.</summary>
internal sealed class ServerCompleter : ValueCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<(string Text, string? ToolTip)> Candidates() =>
        RecentServers.OfSession().ToList().Select(one => (one.Server, (string?)$"{one.Server}: last sent to {one.Remote}"));
}
