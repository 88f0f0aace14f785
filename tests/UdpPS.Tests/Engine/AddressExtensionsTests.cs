using System.Net;
using UdpPS.Sockets;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Engine;

public sealed class AddressExtensionsTests
{
    [Theory]
    [InlineData("0.0.0.0", true)]
    [InlineData("0.1.2.3", true)]
    [InlineData("1.0.0.0", false)]
    [InlineData("::", true)]
    [InlineData("::1", false)]
    [InlineData("0:1::", false)]
    [InlineData("::ffff:0.1.2.3", true)]
    [InlineData("::ffff:1.2.3.4", false)]
    public void No_address_yet_is_a_whole_network_of_IPv4(string address, bool expected) =>
        Assert.Equal(expected, AddressBits.Of(IPAddress.Parse(address)).IsUnspecified());

    [Theory]
    [InlineData("223.255.255.255", false)]
    [InlineData("224.0.0.0", true)]
    [InlineData("239.255.255.255", true)]
    [InlineData("240.0.0.0", false)]
    [InlineData("fe80::1", false)]
    [InlineData("ff02::1", true)]
    [InlineData("feff::1", false)]
    [InlineData("e0::1", false)]
    public void Multicast_is_a_range_of_each_family(string address, bool expected) =>
        Assert.Equal(expected, IPAddress.Parse(address).IsMulticast());

    [Theory]
    [InlineData("fe80::1", true)]
    [InlineData("ff01::1", true)]
    [InlineData("ff02::1", true)]
    [InlineData("ff12::1", true)]
    [InlineData("ff03::1", false)]
    [InlineData("ff05::1", false)]
    [InlineData("ff0e::1", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData("2002:db8::1", false)]
    [InlineData("192.0.2.1", false)]
    public void Some_addresses_are_valid_on_one_link_only(string address, bool expected) =>
        Assert.Equal(expected, IPAddress.Parse(address).IsLinkLocal());

    [Theory]
    [InlineData("0.0.0.0", true)]
    [InlineData("::", true)]
    [InlineData("0.0.0.1", false)]
    [InlineData("::1", false)]
    public void The_wildcard_is_one_address_of_each_family(string address, bool expected)
    {
        var parsed = IPAddress.Parse(address);
        Assert.Equal(expected, parsed.IsWildcard());
        Assert.Equal(expected, parsed.Equals(parsed.AddressFamily.Wildcard()));
    }

    [Theory]
    [InlineData("[::ffff:192.0.2.1]:7", "192.0.2.1:7")]
    [InlineData("192.0.2.1:7", "192.0.2.1:7")]
    [InlineData("[2001:db8::1]:7", "[2001:db8::1]:7")]
    public void An_endpoint_of_a_dual_stack_socket_is_shown_as_what_it_is(string endPoint, string expected)
    {
        Assert.Equal(expected, IPEndPoint.Parse(endPoint).Unmapped().ToString());
        Assert.Equal(IPEndPoint.Parse(expected).Address, IPEndPoint.Parse(endPoint).Address.Unmapped());
    }

    [Theory]
    [InlineData("192.0.2.1", "255.255.255.0", "192.0.2.255")]
    [InlineData("10.1.2.3", "255.240.0.0", "10.15.255.255")]
    [InlineData("192.0.2.1", "255.255.255.252", "192.0.2.3")]
    [InlineData("192.0.2.0", "255.255.255.254", null)] // RFC 3021
    [InlineData("192.0.2.1", "255.255.255.255", null)]
    public void A_network_has_a_broadcast_address_unless_it_has_two_addresses_or_one(string own, string mask, string? expected) =>
        Assert.Equal(expected, new OwnAddress(IPAddress.Parse(own), IPAddress.Parse(mask)).BroadcastAddress()?.ToString());
}
