using System;
using System.IO;
using System.Linq;
using UdpPS.Tests.Infrastructure;
using UdpPS.Tests.Peers;

namespace UdpPS.Tests.Faults;

/// <summary>The module in a process of its own, which can be killed, or live in another network.</summary>
internal static class Udpps
{
    internal static PeerProcess Start(string command) => PeerProcess.Start("dotnet", Assembly, "-Command", command);

    /// <param name="launcher">A program, and its arguments, that runs what follows them.</param>
    /// <param name="command">What udpps runs.</param>
    internal static PeerProcess StartIn(string[] launcher, string command) =>
        PeerProcess.Start(launcher[0], [.. launcher.Skip(1), "dotnet", Assembly, "-Command", command]);

    // The one that was built together with these tests, in the folder of the same configuration and framework.
    private static string Assembly
    {
        get
        {
            var framework = new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
            return Path.Combine(
                Repository.Root, "src", "UdpPS.Shell", "bin", framework.Parent!.Name, framework.Name, "UdpPS.Shell.dll");
        }
    }
}
