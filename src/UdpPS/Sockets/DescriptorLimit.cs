using System;
using System.Runtime.InteropServices;

namespace UdpPS.Sockets;

/// <summary>How many files and sockets this process may have open at once.</summary>
internal static class DescriptorLimit
{
    // RLIMIT_NOFILE in <sys/resource.h>
    private const int LinuxResource = 7;
    private const int MacResource = 8;

    /// <returns><see cref="int.MaxValue"/> where there is no limit that matters.</returns>
    internal static int Find()
    {
        if (RuntimeInformation.IsOSPlatform(OSPlatform.Windows))
        {
            return int.MaxValue;
        }

        try
        {
            var limits = new UIntPtr[2];
            int resource = RuntimeInformation.IsOSPlatform(OSPlatform.OSX) ? MacResource : LinuxResource;
            return NativeMethods.GetLimit(resource, limits) == 0 ? (int)Math.Min(limits[0].ToUInt64(), int.MaxValue) : int.MaxValue;
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            return int.MaxValue;
        }
    }

    private static class NativeMethods
    {
        [DllImport("libc", EntryPoint = "getrlimit")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        internal static extern int GetLimit(int resource, [In, Out] UIntPtr[] limits);
    }
}
