using System;

namespace UdpPS.Shell;

/// <summary>What is known of the terminal at standard output.</summary>
internal static class Terminal
{
    private const int RedirectedWidth = 120;
    private const int RedirectedHeight = 50;

    /// <summary>Columns of the terminal, or those that a file or another program gets.</summary>
    internal static int Width =>
        Console.IsOutputRedirected || Console.WindowWidth <= 0 ? RedirectedWidth : Console.WindowWidth;

    /// <summary>Rows of the terminal, or those that a file or another program gets.</summary>
    internal static int Height =>
        Console.IsOutputRedirected || Console.WindowHeight <= 0 ? RedirectedHeight : Console.WindowHeight;

    /// <returns>Whether escape sequences are wanted there, and do what they say.</returns>
    internal static bool TryEnableEscapes() =>
        !Console.IsOutputRedirected
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        && Environment.GetEnvironmentVariable("TERM") != "dumb"
        && (!OperatingSystem.IsWindows() || WindowsConsole.TryEnableEscapes());
}
