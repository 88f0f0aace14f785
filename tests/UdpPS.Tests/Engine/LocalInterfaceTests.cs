using System;
using System.Globalization;
using System.Linq;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using UdpPS.Sockets;
using Xunit;

namespace UdpPS.Tests.Engine;

public sealed class LocalInterfaceTests
{
    [Fact]
    public void An_interface_is_found_by_its_name_its_index_or_an_address()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The name is Linux's.");
        IPInterfaceProperties loopback = NetworkInterface.GetAllNetworkInterfaces().Single(one => one.Name == "lo").GetIPProperties();
        int index = loopback.GetIPv4Properties().Index;
        int? indexOfIPv6 = Socket.OSSupportsIPv6 ? index : null;
        var expected = new LocalInterface(index, indexOfIPv6);
        Assert.Equal(expected, LocalInterface.Find("lo"));
        Assert.Equal(expected, LocalInterface.Find("LO"));
        Assert.Equal(expected, LocalInterface.Find(index.ToString(CultureInfo.InvariantCulture)));
        Assert.Equal(expected, LocalInterface.Find("127.0.0.1"));
        Assert.Equal(indexOfIPv6, LocalInterface.Find("::1")?.IPv6Index);
    }

    [Theory]
    [InlineData("nosuch0")]
    [InlineData("192.0.2.1")]
    [InlineData("2147483647")]
    public void One_that_is_not_there_is_not_found(string text) => Assert.Null(LocalInterface.Find(text));

    [Fact]
    public void Each_family_has_an_index_of_its_own_or_none()
    {
        var both = new LocalInterface(4, 6);
        Assert.Equal(4, both.IndexFor(AddressFamily.InterNetwork));
        Assert.Equal(6, both.IndexFor(AddressFamily.InterNetworkV6));
        AssertMissing(new LocalInterface(null, 6), AddressFamily.InterNetwork);
        AssertMissing(new LocalInterface(4, null), AddressFamily.InterNetworkV6);

        static void AssertMissing(LocalInterface one, AddressFamily family) => Assert.Equal(
            SocketError.AddressFamilyNotSupported, Assert.Throws<SocketException>(() => one.IndexFor(family)).SocketErrorCode);
    }

    // Of others the socket options or the routing table tell.
    [Theory]
    [InlineData("ff15::1", "::1", true)]
    [InlineData("ff15::1", "::", false)]
    [InlineData("ff15::1", null, false)]
    [InlineData("ff15::1", "2001:db8::1", false)]
    [InlineData("::1", "::1", false)]
    [InlineData("239.1.1.1", "127.0.0.1", false)]
    public void A_group_of_IPv6_is_reached_by_the_interface_of_the_local_address(string remote, string? local, bool isKnown)
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "This machine has no IPv6.");
        int expected = isKnown ? LocalInterface.Find("::1")!.IndexFor(AddressFamily.InterNetworkV6) : 0;
        var options = new SendOptions { LocalAddress = local is null ? null : IPAddress.Parse(local) };
        Assert.Equal(expected, MulticastInterface.IndexFor(new IPEndPoint(IPAddress.Parse(remote), 9), options));
    }
}
