using System;
using System.Runtime.CompilerServices;

namespace UdpPS.Tests.Infrastructure;

/// <summary>
/// The engine that these tests host finds no modules but its own: a PowerShell that starts the tests hands down a path with
/// modules that this engine lists, and cannot load.
/// </summary>
internal static class ModulePath
{
#pragma warning disable CA2255 // The test program is the application.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Clear() => Environment.SetEnvironmentVariable("PSModulePath", AppContext.BaseDirectory);
}
