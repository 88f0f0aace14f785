using System;
using System.Collections.Generic;
using System.Linq;
using UdpPS.Listening;

namespace UdpPS.Parameters;

/// <summary>Completes the multicast groups that the listeners of this process have joined.</summary>
internal sealed class GroupCompleter : ValueCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<(string Text, string? ToolTip)> Candidates() => UdpListener.Running
        .SelectMany(listener => listener.MulticastGroups)
        .Select(group => group.ToString())
        .Distinct()
        .OrderBy(group => group, StringComparer.Ordinal)
        .Select(group => (group, (string?)null));
}
