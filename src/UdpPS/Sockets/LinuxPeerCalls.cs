using System;
using System.Runtime.InteropServices;

namespace UdpPS.Sockets;

/// <summary>
/// The further system calls of a connected socket: send(2), recv(2), poll(2). What moves many is in <see cref="LinuxMessages"/>.
/// </summary>
internal static unsafe class LinuxPeerCalls
{
    internal const short PollReadable = 0x1; // POLLIN

    /// <summary>Whether this system has these calls, and they are wanted.</summary>
    internal static bool AreThere { get; } = !SocketBackend.IsPortable && FindOut();

    [DllImport("libc", EntryPoint = "send", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static extern IntPtr Send(int socket, byte* payload, UIntPtr length, int flags);

    [DllImport("libc", EntryPoint = "recv", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static extern IntPtr Receive(int socket, byte* buffer, UIntPtr length, int flags);

    [DllImport("libc", EntryPoint = "poll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static extern int Poll(PollEntry* entries, UIntPtr count, int timeoutMilliseconds);

    private static bool FindOut()
    {
        if (!LinuxMessages.HasLayout)
        {
            return false;
        }

        try
        {
            // Names no socket: it only shows whether the library is there.
            return Poll(null, UIntPtr.Zero, 0) == 0;
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct PollEntry
    {
        internal int Socket;
        internal short Events;
        internal short Returned;
    }
}
