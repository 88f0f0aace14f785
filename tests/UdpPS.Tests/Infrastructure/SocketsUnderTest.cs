using System;
using System.Runtime.CompilerServices;

namespace UdpPS.Tests.Infrastructure;

/// <summary>Lets the whole suite run over the portable sockets, where it would run over Linux's batches.</summary>
internal static class SocketsUnderTest
{
    /// <summary>The trait, and its value, of tests of what only Linux's sockets can do.</summary>
    internal const string Trait = "Sockets";

    /// <inheritdoc cref="Trait"/>
    internal const string Linux = "Linux";

    private const string Variable = "UDPPS_TEST_SOCKETS";

    // Before anything of the module is used: it chooses once.
#pragma warning disable CA2255 // The test program is the application.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Choose() => AppContext.SetSwitch(
        "UdpPS.PortableSockets", Environment.GetEnvironmentVariable(Variable) == "portable");
}
