using System;
using System.Runtime.InteropServices;

namespace UdpPS.Sockets;

/// <summary>
/// The kernel's message structures and the calls that take many of them (recvmmsg(2), sendmmsg(2), cmsg(3)). The layouts are
/// those of 64-bit little-endian Linux, the same on x64 and arm64.
/// </summary>
/// <remarks>
/// They are the same for glibc and musl. Where the kernel and glibc have 64 bits (msg_iovlen, msg_controllen, cmsg_len), musl has
/// 32 bits and 32 bits of padding, as POSIX wants it: on a little-endian machine that is the same memory while the padding is
/// zero, and small lengths leave it zero. musl's recvmmsg clears the padding of what it is given, and the kernel writes zeros
/// there. musl's sendmmsg sends one message after the other: right, but without the gain of the batch.
/// </remarks>
internal static unsafe class LinuxMessages
{
    internal const int MsgDontWait = 0x40;
    internal const int MsgWaitForOne = 0x10000;

    internal const int ShutdownReceiving = 0; // SHUT_RD

    internal const int AddressFamilyIPv4 = 2;
    internal const int AddressFamilyIPv6 = 10;

    internal const int LevelIPv4 = 0; // IPPROTO_IP
    internal const int LevelUdp = 17; // IPPROTO_UDP
    internal const int LevelIPv6 = 41; // IPPROTO_IPV6
    internal const int IPv4PacketInfo = 8; // IP_PKTINFO
    internal const int IPv6PacketInfo = 50; // IPV6_PKTINFO
    internal const int UdpSegment = 103; // UDP_SEGMENT, since Linux 4.18

    internal const int ErrorInterrupted = 4; // EINTR
    internal const int ErrorTryAgain = 11; // EAGAIN
    internal const int ErrorNotImplemented = 38; // ENOSYS

    /// <summary>Whether this process has these layouts. The calls may still be missing, and then the portable path is used too.</summary>
    internal static bool HasLayout { get; } = IsKnown(
        RuntimeInformation.IsOSPlatform(OSPlatform.Linux),
        RuntimeInformation.ProcessArchitecture,
        IntPtr.Size,
        BitConverter.IsLittleEndian);

    /// <summary>Whether the layouts of such a process are these. Where nobody has looked, the portable path is used.</summary>
    internal static bool IsKnown(bool isLinux, Architecture architecture, int pointerSize, bool isLittleEndian) =>
        isLinux && (architecture is Architecture.X64 or Architecture.Arm64) && pointerSize == sizeof(long) && isLittleEndian;

    [DllImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static extern int ReceiveMany(IntPtr socket, MultiMessage* messages, uint count, int flags, void* timeout);

    [DllImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static extern int SendMany(IntPtr socket, MultiMessage* messages, uint count, int flags);

    /// <summary>Wakes whoever waits on a socket, for good. An unconnected one fails, after it has done so.</summary>
    [DllImport("libc", EntryPoint = "shutdown")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static extern int Shutdown(IntPtr socket, int how);

    [StructLayout(LayoutKind.Sequential)]
    internal struct IoVector
    {
        internal byte* Base;
        internal UIntPtr Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct Message
    {
        internal byte* Name;
        internal uint NameLength;
        internal IoVector* Vectors;
        internal UIntPtr VectorCount;
        internal byte* Control;
        internal UIntPtr ControlLength;
        internal int Flags;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct MultiMessage
    {
        internal Message Header;
        internal uint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct ControlHeader
    {
        internal UIntPtr Length;
        internal int Level;
        internal int Type;
    }
}
