using System;
using System.Net;
using UdpPS.Listening;
using Xunit;

namespace UdpPS.Tests.Engine;

public sealed class AllowListTests
{
    [Theory]
    [InlineData("10.1.2.3", "10.1.2.3", true)]
    [InlineData("10.1.2.3", "10.1.2.4", false)]
    [InlineData("10.0.0.0/8", "10.255.255.255", true)]
    [InlineData("10.0.0.0/8", "11.0.0.0", false)]
    [InlineData("192.168.47.130/25", "192.168.47.255", true)]
    [InlineData("192.168.47.130/25", "192.168.47.127", false)]
    [InlineData("192.168.0.0/17", "192.168.127.255", true)]
    [InlineData("192.168.0.0/17", "192.168.128.0", false)]
    [InlineData("192.0.2.64/27", "192.0.2.95", true)]
    [InlineData("192.0.2.64/27", "192.0.2.96", false)]
    [InlineData("0.0.0.0/0", "203.0.113.9", true)]
    [InlineData("0.0.0.0/0", "::1", false)]
    [InlineData("203.0.113.9/32", "203.0.113.8", false)]
    [InlineData("::1", "::1", true)]
    [InlineData("fd00::/8", "fdff::1", true)]
    [InlineData("fd00::/8", "fe00::1", false)]
    [InlineData("2001:db8::/33", "2001:db8:7fff::1", true)]
    [InlineData("2001:db8::/33", "2001:db8:8000::1", false)]
    [InlineData("::/0", "10.0.0.1", false)]
    [InlineData("::ffff:10.1.2.3", "10.1.2.3", true)]
    [InlineData("::ffff:10.0.0.0/104", "10.9.9.9", true)]
    [InlineData("::ffff:10.0.0.0/104", "11.9.9.9", false)]
    [InlineData("::ffff:0.0.0.0/96", "203.0.113.9", true)]
    [InlineData("::ffff:0.0.0.0/96", "::1", false)]
    [InlineData("::ffff:0.0.0.0/95", "203.0.113.9", false)]
    [InlineData("::ffff:10.1.2.3/128", "10.1.2.3", true)]
    [InlineData("::ffff:10.1.2.3/128", "10.1.2.2", false)]
    [InlineData("::1/128", "::1", true)]
    [InlineData(" 10.0.0.0/8 ", "10.9.9.9", true)]
    [InlineData("fe80::1%7", "fe80::1%7", true)]
    [InlineData("fe80::1%7", "fe80::1%8", false)]
    [InlineData("fe80::%7/64", "fe80::1%7", true)]
    [InlineData("fe80::%7/64", "fe80::1%8", false)]
    [InlineData("fe80::/64", "fe80::1%8", true)]
    public void A_network_contains_exactly_its_addresses(string network, string address, bool expected) =>
        Assert.Equal(expected, AllowList.Parse([network]).Contains(IPAddress.Parse(address)));

    [Fact]
    public void Any_of_several_networks_will_do()
    {
        AllowList list = AllowList.Parse(["10.0.0.0/8", "::1"]);
        Assert.True(list.Contains(IPAddress.IPv6Loopback));
        Assert.True(list.Contains(IPAddress.Parse("10.9.9.9")));
        Assert.False(list.Contains(IPAddress.Loopback));
    }

    [Theory]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("10.1/16")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("10.0.0.0/")]
    [InlineData("10.0.0.0/8/8")]
    [InlineData("fd00::/129")]
    [InlineData("example.org")]
    [InlineData("fe80::1%nosuch0")]
    [InlineData("10.0.0.256")]
    [InlineData("010.0.0.1")]
    [InlineData("0x0a.0.0.1")]
    public void Whatever_is_no_network_is_refused_and_named(string text) =>
        Assert.Equal(text, Assert.Throws<FormatException>(() => AllowList.Parse(["10.0.0.1", text])).Message);
}
