using System;
using System.Runtime.InteropServices;
using System.Threading;

namespace UdpPS;

/// <summary>Pauses shorter than those of <see cref="Thread.Sleep(int)"/>, where the system has them.</summary>
internal static class ShortSleep
{
    private static bool s_hasShort = !RuntimeInformation.IsOSPlatform(OSPlatform.Windows);

    /// <summary>Waits at least so long; elsewhere than on Unix at least a millisecond.</summary>
    internal static void ForMicroseconds(int microseconds)
    {
        if (s_hasShort)
        {
            try
            {
                _ = NativeMethods.Sleep((uint)microseconds);
                return;
            }
            catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
            {
                s_hasShort = false;
            }
        }

        Thread.Sleep(1);
    }

    private static class NativeMethods
    {
        [DllImport("libc", EntryPoint = "usleep")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        internal static extern int Sleep(uint microseconds);
    }
}
