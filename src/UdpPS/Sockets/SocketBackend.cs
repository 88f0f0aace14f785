using System;

namespace UdpPS.Sockets;

/// <summary>Which implementation of a socket is used where there are two.</summary>
internal static class SocketBackend
{
    /// <summary>The environment variable that chooses. It is read once, when the module first opens a socket.</summary>
    internal const string Variable = "UDPPS_SOCKETS";

    /// <summary>The value of <see cref="Variable"/> that asks for .NET's own sockets, on every system.</summary>
    internal const string Portable = "portable";

    /// <summary>Whether the portable implementation is asked for. Where there is no other, it is used anyway.</summary>
    internal static bool IsPortable { get; } =
        string.Equals(Environment.GetEnvironmentVariable(Variable), Portable, StringComparison.OrdinalIgnoreCase);
}
