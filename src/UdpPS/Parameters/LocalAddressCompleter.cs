using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;

namespace UdpPS.Parameters;

/// <summary>Completes this machine's addresses, loopback first, and tells the interface of each.</summary>
internal class LocalAddressCompleter : ValueCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<(string Text, string? ToolTip)> Candidates() =>
        from known in KnownInterface.FindAll()
        from own in known.Addresses
        orderby !IPAddress.IsLoopback(own.Address), own.Address.AddressFamily != AddressFamily.InterNetwork
        select (own.Address.ToString(), (string?)$"{own.Address} on {known.Name}");
}
