using System;
using System.IO;
using System.Linq;
using Xunit;

namespace UdpPS.Tests.Infrastructure;

/// <summary>
/// Counts the module's own threads in this process, which all have names that begin with UdpPS and a space. The test program's
/// main thread has its file's name, UdpPS.Tests.
/// </summary>
internal static class UdpThreads
{
    internal static void AssertNone() => Until.True(() => Count() == 0, "the module's threads have ended");

    private static int Count()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("Threads have names to count by on Linux only.");
        }

        return Directory.GetDirectories("/proc/self/task").Count(IsOurs);
    }

    private static bool IsOurs(string task)
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, "comm")).StartsWith("UdpPS ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            // It ended meanwhile.
            return false;
        }
    }
}
