using System.Collections.Generic;
using System.Linq;
using System.Net.Sockets;

namespace UdpPS.Parameters;

/// <summary>Completes the networks this machine is in, as 192.168.47.0/24, and tells the interface of each.</summary>
internal sealed class NetworkCompleter : ValueCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<(string Text, string? ToolTip)> Candidates() =>
        from known in KnownInterface.FindAll()
        from own in known.Addresses
        orderby own.Address.AddressFamily != AddressFamily.InterNetwork
        group known.Name by KnownInterface.NetworkOf(own) into network
        select (network.Key, (string?)$"{network.Key} on {string.Join(", ", network.Distinct())}");
}
