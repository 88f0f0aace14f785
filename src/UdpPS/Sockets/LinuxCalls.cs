using System;
using System.Runtime.InteropServices;

namespace UdpPS.Sockets;

/// <summary>
/// The system calls of a socket for one message, and their constants, which are the same on x64 and arm64. What moves many
/// datagrams is in <see cref="LinuxMessages"/>.
/// </summary>
internal static unsafe class LinuxCalls
{
    // <bits/socket.h>
    internal const int DatagramSocket = 2; // SOCK_DGRAM
    internal const int NonBlocking = 0x800; // SOCK_NONBLOCK
    internal const int CloseOnExec = 0x80000; // SOCK_CLOEXEC
    internal const int ErrorQueue = 0x2000; // MSG_ERRQUEUE

    // <asm-generic/socket.h>
    internal const int LevelSocket = 1; // SOL_SOCKET
    internal const int Broadcast = 6; // SO_BROADCAST
    internal const int SendBuffer = 7; // SO_SNDBUF
    internal const int Timestamp = 35; // SO_TIMESTAMPNS, SCM_TIMESTAMPNS

    // <linux/in.h>
    internal const int TimeToLive = 2; // IP_TTL
    internal const int MtuDiscovery = 10; // IP_MTU_DISCOVER
    internal const int ReceiveErrors = 11; // IP_RECVERR
    internal const int MulticastInterface = 32; // IP_MULTICAST_IF
    internal const int MulticastTimeToLive = 33; // IP_MULTICAST_TTL
    internal const int MulticastAll = 49; // IP_MULTICAST_ALL
    internal const int MayFragment = 0; // IP_PMTUDISC_DONT
    internal const int DontFragment = 2; // IP_PMTUDISC_DO

    // <linux/in6.h>
    internal const int IPv6Hops = 16; // IPV6_UNICAST_HOPS
    internal const int IPv6MulticastInterface = 17; // IPV6_MULTICAST_IF
    internal const int IPv6MulticastHops = 18; // IPV6_MULTICAST_HOPS
    internal const int IPv6ReceiveErrors = 25; // IPV6_RECVERR
    internal const int IPv6Only = 26; // IPV6_V6ONLY
    internal const int IPv6MulticastAll = 29; // IPV6_MULTICAST_ALL
    internal const int IPv6DontFragment = 62; // IPV6_DONTFRAG

    // <linux/errqueue.h>
    internal const int OriginIcmp = 2; // SO_EE_ORIGIN_ICMP
    internal const int OriginIcmpV6 = 3; // SO_EE_ORIGIN_ICMP6

    // <asm-generic/errno.h>
    internal const int ErrorNoBuffers = 105; // ENOBUFS

    internal const short Readable = 0x1; // POLLIN

    /// <summary>Whether this system has these calls, and they are wanted.</summary>
    internal static bool IsSupported { get; } = !SocketBackend.IsPortable && Probe();

    [DllImport("libc", EntryPoint = "socket", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static extern int Open(int family, int type, int protocol);

    [DllImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static extern int Close(int socket);

    [DllImport("libc", EntryPoint = "bind", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static extern int Bind(int socket, byte* name, uint length);

    [DllImport("libc", EntryPoint = "connect", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static extern int Connect(int socket, byte* name, uint length);

    [DllImport("libc", EntryPoint = "getsockname", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static extern int GetName(int socket, byte* name, uint* length);

    [DllImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static extern int SetOption(int socket, int level, int option, void* value, uint length);

    [DllImport("libc", EntryPoint = "sendto", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static extern IntPtr SendTo(int socket, byte* payload, UIntPtr length, int flags, byte* name, uint nameLength);

    [DllImport("libc", EntryPoint = "recvfrom", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static extern IntPtr ReceiveFrom(int socket, byte* buffer, UIntPtr length, int flags, byte* name, uint* nameLength);

    [DllImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static extern IntPtr ReceiveMessage(int socket, LinuxMessages.Message* message, int flags);

    [DllImport("libc", EntryPoint = "poll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static extern int Poll(PollEntry* entries, UIntPtr count, int timeoutMilliseconds);

    private static bool Probe()
    {
        if (!LinuxMessages.HasLayout)
        {
            return false;
        }

        try
        {
            // They name no socket: they only show whether the library and its calls are there.
            return Poll(null, UIntPtr.Zero, 0) == 0
                && LinuxMessages.ReceiveMany((IntPtr)(-1), null, 0, LinuxMessages.MsgDontWait, null) < 0
                && Marshal.GetLastWin32Error() != LinuxMessages.ErrorNotImplemented;
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

    /// <summary>struct sock_extended_err; the reporter's socket address follows it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct ExtendedError
    {
        internal uint Error;
        internal byte Origin;
        internal byte Type;
        internal byte Code;
        internal byte Padding;
        internal uint Information;
        internal uint Data;
    }
}
