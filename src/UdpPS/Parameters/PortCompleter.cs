using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Net;
using UdpPS.Listening;

namespace UdpPS.Parameters;

/// <summary>Completes the ports of the listeners that run in this process.</summary>
internal sealed class PortCompleter : ValueCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<(string Text, string? ToolTip)> Candidates() => UdpListener.Running
        .Select(listener => listener.LocalEndPoint)
        .GroupBy(endPoint => endPoint.Port)
        .OrderBy(port => port.Key)
        .Select(port => (
            port.Key.ToString(CultureInfo.InvariantCulture),
            (string?)$"{port.Key}: a listener on {string.Join(", ", AddressesOf(port))}"));

    private static IEnumerable<string> AddressesOf(IEnumerable<IPEndPoint> endPoints) =>
        endPoints.Select(endPoint => endPoint.Address.ToString()).OrderBy(address => address, StringComparer.Ordinal);
}
