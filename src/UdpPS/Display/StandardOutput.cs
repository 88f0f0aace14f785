using System;

namespace UdpPS.Display;

/// <summary>
/// Where the process's standard output goes. The one place that asks System.Console: a cmdlet writes to its streams, but what a
/// host shows of them may be read by another program.
/// </summary>
internal static class StandardOutput
{
    /// <summary>Whether something else than a terminal reads it. Then it is for data: no color, and nothing for the eyes.</summary>
    internal static bool IsRedirected => Console.IsOutputRedirected;
}
