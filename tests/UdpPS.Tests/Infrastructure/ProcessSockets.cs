using System;
using System.IO;
using System.Linq;
using Xunit;

namespace UdpPS.Tests.Infrastructure;

/// <summary>Counts this process's open sockets.</summary>
internal static class ProcessSockets
{
    /// <summary>As <see cref="Count"/>, when those that are left to the garbage collector have been closed.</summary>
    internal static int CountInUse()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Count();
    }

    internal static int Count()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("Open sockets are counted through /proc, which only Linux has.");
        }

        return new DirectoryInfo("/proc/self/fd").GetFileSystemInfos().Count(IsSocket);
    }

    private static bool IsSocket(FileSystemInfo descriptor)
    {
        try
        {
            return descriptor.LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true;
        }
        catch (IOException)
        {
            // Closed meanwhile.
            return false;
        }
    }
}
