using System;
using System.Globalization;
using System.IO;
using System.Runtime.InteropServices;

namespace UdpPS.Benchmarks.Processes;

/// <summary>Keeps a running process, all threads it has and will have, on some cores (sched_setaffinity, Linux).</summary>
internal static partial class Cores
{
    internal const ulong First = 1;
    internal const ulong Second = 2;
    internal const ulong Every = ulong.MaxValue;

    internal static bool CanChoose { get; } = OperatingSystem.IsLinux() && Environment.ProcessorCount > 1;

    internal static void Choose(int process, ulong mask)
    {
        foreach (string thread in Directory.GetDirectories($"/proc/{process}/task"))
        {
            // A thread that has just ended needs no core.
            _ = SetAffinity(int.Parse(Path.GetFileName(thread), CultureInfo.InvariantCulture), sizeof(ulong), in mask);
        }
    }

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetAffinity(int thread, nuint length, in ulong mask);
}
