namespace UdpPS.Tests.Infrastructure;

/// <summary>The trait of tests of what only Linux's sockets can do. UDPPS_SOCKETS=portable runs the others without them.</summary>
internal static class SocketsUnderTest
{
    /// <summary>The trait's name.</summary>
    internal const string Trait = "Sockets";

    /// <summary>The trait's value.</summary>
    internal const string Linux = "Linux";
}
