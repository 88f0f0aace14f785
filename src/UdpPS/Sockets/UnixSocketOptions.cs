using System;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace UdpPS.Sockets;

/// <summary>Socket options that Linux and macOS have and .NET Standard has no name for.</summary>
internal static class UnixSocketOptions
{
    // Linux: <asm-generic/socket.h>, the same on x64 and arm64.
    private const int LinuxSolSocket = 1;
    private const int LinuxSendBufferForce = 32; // SO_SNDBUFFORCE
    private const int LinuxReceiveBufferForce = 33; // SO_RCVBUFFORCE
    private const int LinuxMemInfo = 55; // SO_MEMINFO
    private const int LinuxMemInfoLength = 9; // SK_MEMINFO_VARS in <linux/sock_diag.h>
    private const int LinuxMemInfoReceived = 0; // SK_MEMINFO_RMEM_ALLOC
    private const int LinuxMemInfoReceiveBuffer = 1; // SK_MEMINFO_RCVBUF
    private const int LinuxMemInfoDrops = 8; // SK_MEMINFO_DROPS

    // IPPROTO_IPV6 and IPV6_DONTFRAG (RFC 3542 section 11.2), the same on Linux and macOS.
    private const int IPv6Level = 41;
    private const int IPv6DontFragment = 62;

    private static readonly bool IsLinux = RuntimeInformation.IsOSPlatform(OSPlatform.Linux);

    /// <summary>Asks for a receive buffer beyond the system's limit, which Linux gives a privileged process only.</summary>
    internal static void TryForceReceiveBuffer(Socket socket, int bytes) => TryForce(socket, LinuxReceiveBufferForce, bytes);

    /// <summary>Asks for a send buffer beyond the system's limit, which Linux gives a privileged process only.</summary>
    internal static void TryForceSendBuffer(Socket socket, int bytes) => TryForce(socket, LinuxSendBufferForce, bytes);

    /// <summary>
    /// Keeps groups away that only other programs on this machine have joined, which Linux would give to every socket that is
    /// bound to the wildcard address. Elsewhere a socket gets its own groups only.
    /// </summary>
    internal static void ReceiveOwnGroupsOnly(Socket socket)
    {
        if (!IsLinux)
        {
            return;
        }

        // A dual-stack socket has both. Linux before 4.20 lacks the IPv6 one.
        int off = 0;
        _ = NativeMethods.SetSocketOption(socket.Handle, LinuxMessages.LevelIPv4, LinuxCalls.MulticastAll, ref off, sizeof(int));
        if (socket.AddressFamily == AddressFamily.InterNetworkV6)
        {
            _ = NativeMethods.SetSocketOption(socket.Handle, LinuxMessages.LevelIPv6, LinuxCalls.IPv6MulticastAll, ref off, sizeof(int));
        }
    }

    /// <summary>
    /// Lets routers take IPv4 datagrams apart. Linux forbids that unless it is told otherwise, to find out what a path takes, and
    /// then loses the first datagram above it. IPv6 has no such thing. Elsewhere it is allowed anyway.
    /// </summary>
    internal static void AllowFragmentation(Socket socket)
    {
        if (IsLinux)
        {
            // A dual-stack socket has it too, for its IPv4 peers. One for IPv6 alone has no use for it.
            int mayFragment = LinuxCalls.MayFragment;
            _ = NativeMethods.SetSocketOption(socket.Handle, LinuxMessages.LevelIPv4, LinuxCalls.MtuDiscovery, ref mayFragment, sizeof(int));
        }
    }

    /// <summary>How many datagrams the kernel dropped at this socket so far; 0 where it cannot be asked.</summary>
    internal static long GetDropCount(Socket socket) => GetMemoryInfo(socket) is { } memory ? memory[LinuxMemInfoDrops] : 0;

    /// <summary>Whether more than a quarter of the room for received datagrams is taken; null where it cannot be asked.</summary>
    internal static bool? IsFilling(Socket socket) =>
        GetMemoryInfo(socket) is { } memory ? memory[LinuxMemInfoReceived] > memory[LinuxMemInfoReceiveBuffer] / 4 : null;

    /// <exception cref="SocketException">The system has no such option.</exception>
    internal static void ForbidIPv6Fragmentation(Socket socket)
    {
        int on = 1;
        if (NativeMethods.SetSocketOption(socket.Handle, IPv6Level, IPv6DontFragment, ref on, sizeof(int)) != 0)
        {
            throw new SocketException((int)SocketError.ProtocolOption);
        }
    }

    // SO_MEMINFO, since Linux 4.12: what the kernel counts for the socket, in bytes of its own memory.
    private static uint[]? GetMemoryInfo(Socket socket)
    {
        if (!IsLinux)
        {
            return null;
        }

        var memory = new uint[LinuxMemInfoLength];
        int length = LinuxMemInfoLength * sizeof(uint);
        return NativeMethods.GetSocketOption(socket.Handle, LinuxSolSocket, LinuxMemInfo, memory, ref length) == 0 ? memory : null;
    }

    private static void TryForce(Socket socket, int option, int bytes)
    {
        if (IsLinux)
        {
            _ = NativeMethods.SetSocketOption(socket.Handle, LinuxSolSocket, option, ref bytes, sizeof(int));
        }
    }

    private static class NativeMethods
    {
        [DllImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        internal static extern int SetSocketOption(IntPtr socket, int level, int option, ref int value, int length);

        [DllImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        internal static extern int GetSocketOption(
            IntPtr socket, int level, int option, [In, Out] uint[] value, ref int length);
    }
}
