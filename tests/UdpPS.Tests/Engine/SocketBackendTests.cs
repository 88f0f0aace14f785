using System;
using System.Net;
using System.Runtime.InteropServices;
using UdpPS.Sockets;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Engine;

/// <summary>Linux's own calls are made only where their memory layouts are known, and not against the user's will.</summary>
public sealed class SocketBackendTests
{
    [Theory]
    [InlineData(true, Architecture.X64, 8, true, true)]
    [InlineData(true, Architecture.Arm64, 8, true, true)]
    [InlineData(false, Architecture.X64, 8, true, false)]
    [InlineData(true, Architecture.X86, 4, true, false)]
    [InlineData(true, Architecture.Arm, 4, true, false)]
    [InlineData(true, Architecture.S390x, 8, false, false)]
    [InlineData(true, Architecture.Ppc64le, 8, true, false)]
    [InlineData(true, Architecture.RiscV64, 8, true, false)]
    [InlineData(true, Architecture.X64, 4, true, false)]
    [InlineData(true, Architecture.Arm64, 8, false, false)]
    public void Layouts_are_known_on_two_architectures(
        bool isLinux, Architecture architecture, int pointerSize, bool isLittleEndian, bool isKnown) =>
        Assert.Equal(isKnown, LinuxMessages.IsKnown(isLinux, architecture, pointerSize, isLittleEndian));

    // By <bits/socket.h> and <linux/socket.h>.
    [Fact]
    public void The_structures_are_those_of_the_system()
    {
        if (!LinuxMessages.HasLayout)
        {
            Assert.Skip("These are Linux's, on x64 and arm64.");
        }

        Assert.Equal(16, Marshal.SizeOf<LinuxMessages.IoVector>());
        Assert.Equal(16, Marshal.SizeOf<LinuxMessages.ControlHeader>());
        Assert.Equal(64, Marshal.SizeOf<LinuxMessages.MultiMessage>());
        Assert.Equal(16, OffsetOf(nameof(LinuxMessages.Message.Vectors)));
        Assert.Equal(24, OffsetOf(nameof(LinuxMessages.Message.VectorCount)));
        Assert.Equal(32, OffsetOf(nameof(LinuxMessages.Message.Control)));
        Assert.Equal(40, OffsetOf(nameof(LinuxMessages.Message.ControlLength)));
        Assert.Equal(48, OffsetOf(nameof(LinuxMessages.Message.Flags)));
    }

    // build.ps1 and .ci/run run all tests with the variable and without it.
    [Fact]
    public void The_sockets_are_those_that_the_environment_asks_for()
    {
        bool isPortable = Environment.GetEnvironmentVariable("UDPPS_SOCKETS") == "portable" || !LinuxMessages.HasLayout;
        using IListenerSocket listening = SocketFactory.Default.OpenListener(new BindOptions { LocalAddress = IPAddress.Loopback });
        using var peer = new RawSocket();
        using IPeerSocket sending = SocketFactory.Default.OpenFor(peer.EndPoint, Ports.Free(), new SendOptions());

        Assert.IsType(isPortable ? typeof(PortableListenerSocket) : typeof(LinuxListenerSocket), listening);
        Assert.IsType(isPortable ? typeof(PortablePeerSocket) : typeof(LinuxPeerSocket), sending);
    }

    private static int OffsetOf(string field) => (int)Marshal.OffsetOf<LinuxMessages.Message>(field);
}
