using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading;
using UdpPS.Sockets;
using Xunit;

namespace UdpPS.Tests.Engine;

/// <summary>How a listener's socket is set up.</summary>
public sealed class BoundSocketTests
{
    private const int SocketLevel = 1;
    private const int IPLevel = 0;
    private const int IPv6Level = 41;

    [Theory]
    [InlineData(null, "", AddressFamily.InterNetworkV6, true, true)]
    [InlineData("0.0.0.0", "", AddressFamily.InterNetwork, false, true)]
    [InlineData("::", "", AddressFamily.InterNetworkV6, false, true)]
    [InlineData("127.0.0.1", "", AddressFamily.InterNetwork, false, false)]
    [InlineData("::1", "", AddressFamily.InterNetworkV6, false, false)]
    [InlineData(null, "239.255.77.2 239.255.77.3", AddressFamily.InterNetwork, false, true)]
    [InlineData(null, "ff15::7702", AddressFamily.InterNetworkV6, true, true)]
    [InlineData(null, "239.255.77.2 ff15::7702", AddressFamily.InterNetworkV6, true, true)]
    public void Its_families_and_groups_are_those_that_are_asked_for(
        string? address, string groups, AddressFamily family, bool isDualStack, bool tellsLocalAddress)
    {
        SkipUnlessLinux();
        Assert.SkipUnless(Socket.OSSupportsIPv6, "This machine has no IPv6.");
        IPAddress[] asked = [.. groups.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(IPAddress.Parse)];
        var options = new BindOptions
        {
            LocalAddress = address is null ? null : IPAddress.Parse(address),
            MulticastGroups = asked,
            Interface = LocalInterface.Find("lo"),
        };
        using Socket socket = BoundSocket.Open(options, out bool tells);
        Assert.Equal(family, socket.AddressFamily);
        Assert.Equal(isDualStack, family == AddressFamily.InterNetworkV6 && socket.DualMode);
        Assert.Equal(tellsLocalAddress, tells);

        // IPV6_RECVPKTINFO, IP_PKTINFO
        Assert.Equal(tells && family == AddressFamily.InterNetworkV6, family == AddressFamily.InterNetworkV6 && OptionOf(socket, IPv6Level, 49) == 1);
        Assert.Equal(tells && (isDualStack || family == AddressFamily.InterNetwork), OptionOf(socket, IPLevel, 8) == 1);

        // IP_MTU_DISCOVER: routers may take IPv4 datagrams apart.
        Assert.Equal(0, OptionOf(socket, IPLevel, 10));
        Assert.Subset(GroupsOnLoopback(), asked.ToHashSet());
    }

    // A burst needs room. Without privileges the limits of the system hold.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Its_buffers_are_as_large_as_the_system_lets_the_process_have(bool isPrivileged)
    {
        SkipUnlessLinux();
        const int Bytes = 8 * 1024 * 1024;
        (int Receive, int Send) has = default;
        (int Receive, int Send) mayHave = default;

        // Privileges are those of a thread.
        Exception? failure = null;
        var thread = new Thread(() => failure = Record.Exception(() =>
        {
            if (!isPrivileged)
            {
                DropPrivileges();
            }

            using Socket socket = BoundSocket.Open(new BindOptions { LocalAddress = IPAddress.Loopback }, out _);
            using var other = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)
            {
                ReceiveBufferSize = Bytes,
                SendBufferSize = Bytes,
            };
            if (isPrivileged)
            {
                // SO_RCVBUFFORCE, SO_SNDBUFFORCE
                Record.Exception(() => other.SetRawSocketOption(SocketLevel, 33, BitConverter.GetBytes(Bytes)));
                Record.Exception(() => other.SetRawSocketOption(SocketLevel, 32, BitConverter.GetBytes(Bytes)));
            }

            has = (socket.ReceiveBufferSize, socket.SendBufferSize);
            mayHave = (other.ReceiveBufferSize, other.SendBufferSize);
        }));
        thread.Start();
        thread.Join();
        Assert.Null(failure);
        Assert.Equal(mayHave, has);
    }

    // By /proc/net/igmp and igmp6: one shows them below their interface, in the kernel's byte order, the other beside it.
    private static HashSet<IPAddress> GroupsOnLoopback()
    {
        var groups = new HashSet<IPAddress>();
        string? name = null;
        foreach (string line in File.ReadLines("/proc/net/igmp").Skip(1))
        {
            string[] columns = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (char.IsAsciiDigit(line[0]))
            {
                name = columns[1];
            }
            else if (name == "lo")
            {
                groups.Add(new IPAddress(uint.Parse(columns[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture)));
            }
        }

        groups.UnionWith(File.ReadLines("/proc/net/igmp6")
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(columns => columns[1] == "lo")
            .Select(columns => new IPAddress(Convert.FromHexString(columns[2]))));
        return groups;
    }

    private static void SkipUnlessLinux() => Assert.SkipUnless(OperatingSystem.IsLinux(), "The numbers are Linux's.");

    private static int OptionOf(Socket socket, int level, int option)
    {
        byte[] value = new byte[sizeof(int)];
        socket.GetRawSocketOption(level, option, value);
        return BitConverter.ToInt32(value);
    }

    // _LINUX_CAPABILITY_VERSION_3 of <linux/capability.h>, for this thread: the sets of both halves are empty.
    private static void DropPrivileges() =>
        Assert.Equal(0, NativeMethods.SetCapabilities([0x20080522, 0], new uint[6]));

    private static class NativeMethods
    {
        [DllImport("libc", EntryPoint = "capset")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        internal static extern int SetCapabilities(uint[] header, uint[] sets);
    }
}
