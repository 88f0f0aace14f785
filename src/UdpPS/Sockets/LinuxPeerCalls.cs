using System;
using System.Runtime.InteropServices;

namespace UdpPS.Sockets;

/// <summary>
/// The system calls of a connected socket: send(2), recv(2), sendmmsg(2), poll(2). The layouts are those of 64-bit Linux, the
/// same on x64 and arm64, and for glibc and musl: where musl has two 32-bit fields, the second is padding and zero.
/// </summary>
internal static unsafe class LinuxPeerCalls
{
    internal const int MsgDontWait = 0x40;

    internal const short PollReadable = 0x1; // POLLIN

    internal const int ErrorInterrupted = 4; // EINTR
    internal const int ErrorTryAgain = 11; // EAGAIN

    /// <summary>Whether this system has these calls, and they are wanted.</summary>
    internal static bool AreThere { get; } = !SocketChoice.IsPortable && FindOut();

    [DllImport("libc", EntryPoint = "send", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static extern IntPtr Send(int socket, byte* payload, UIntPtr length, int flags);

    [DllImport("libc", EntryPoint = "recv", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static extern IntPtr Receive(int socket, byte* buffer, UIntPtr length, int flags);

    [DllImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static extern int SendMany(int socket, OneOfMany* messages, uint count, int flags);

    [DllImport("libc", EntryPoint = "poll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static extern int Poll(PollEntry* entries, UIntPtr count, int timeoutMilliseconds);

    private static bool FindOut()
    {
        if (!RuntimeInformation.IsOSPlatform(OSPlatform.Linux) || IntPtr.Size != 8 || !BitConverter.IsLittleEndian)
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

    /// <summary>struct iovec</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Vector
    {
        internal byte* Base;
        internal UIntPtr Length;
    }

    /// <summary>struct msghdr</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Message
    {
        internal byte* Name;
        internal uint NameLength;
        internal Vector* Vectors;
        internal UIntPtr VectorCount;
        internal byte* Control;
        internal UIntPtr ControlLength;
        internal int Flags;
    }

    /// <summary>struct mmsghdr. Apart from the other: its own length keeps its padding.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct OneOfMany
    {
        internal Message Header;
        internal uint Length;
    }
}
