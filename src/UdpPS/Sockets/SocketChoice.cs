using System;

namespace UdpPS.Sockets;

/// <summary>Which implementation of a socket is used where there are two.</summary>
internal static class SocketChoice
{
    private const string PortableSwitch = "UdpPS.PortableSockets";

    /// <summary>
    /// Whether the portable one is wanted also where there is a better one: by an AppContext switch, set before the module
    /// is used first. Tests and benchmarks measure the one against the other by it.
    /// </summary>
    internal static bool IsPortable { get; } = AppContext.TryGetSwitch(PortableSwitch, out bool isPortable) && isPortable;
}
