using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using Xunit;

namespace UdpPS.Tests.Infrastructure;

/// <summary>Takes a socket of this process away from under its owner: from then on each call to it fails.</summary>
internal static class BrokenSocket
{
    private const int PortColumn = 1;
    private const int InodeColumn = 9;

    /// <param name="port">The IPv4 port that it is bound to.</param>
    internal static void Break(int port)
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("The socket is found through /proc, which only Linux has.");
        }

        string socket = $"socket:[{InodeOf(port)}]";
        FileSystemInfo descriptor = new DirectoryInfo("/proc/self/fd").GetFileSystemInfos().Single(one => IsLinkTo(one, socket));
        using FileStream nothing = File.Open("/dev/null", FileMode.Open);
        int result = Duplicate(
            (int)nothing.SafeFileHandle.DangerousGetHandle(), int.Parse(descriptor.Name, CultureInfo.InvariantCulture));
        Assert.True(result >= 0);

        // A call that waits has the old one still. This ends it.
        using var peer = new RawSocket();
        peer.SendTo(port, "wake");
    }

    private static string InodeOf(int port) => File.ReadLines("/proc/net/udp")
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Single(columns => columns[PortColumn].EndsWith($":{port:X4}", StringComparison.Ordinal))[InodeColumn];

    private static bool IsLinkTo(FileSystemInfo descriptor, string target)
    {
        try
        {
            return descriptor.LinkTarget == target;
        }
        catch (IOException)
        {
            // Closed meanwhile.
            return false;
        }
    }

    [DllImport("libc", EntryPoint = "dup2", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Duplicate(int from, int to);
}
