using System.Linq;
using System.Net;
using System.Net.Sockets;
using UdpPS.Sending;
using UdpPS.Sockets;
using Xunit;

namespace UdpPS.Tests.Engine;

public sealed class HostResolverTests
{
    private const string Both = "2001:db8::1 192.0.2.1 2001:db8::2 192.0.2.2";

    [Theory]
    [InlineData(Both, AddressFamily.Unspecified, "192.0.2.1 2001:db8::1")]
    [InlineData(Both, AddressFamily.InterNetwork, "192.0.2.1")]
    [InlineData(Both, AddressFamily.InterNetworkV6, "2001:db8::1")]
    [InlineData("2001:db8::2", AddressFamily.Unspecified, "2001:db8::2")]
    [InlineData("192.0.2.2", AddressFamily.Unspecified, "192.0.2.2")]
    public void The_first_address_of_each_family_is_tried_and_IPv4_before_IPv6(string found, AddressFamily family, string expected)
    {
        IPAddress[] addresses = found.Split(' ').Select(IPAddress.Parse).ToArray();
        Assert.Equal(expected.Split(' '), HostResolver.Choose(addresses, family).Select(address => address.ToString()));
    }

    [Theory]
    [InlineData("2001:db8::1", AddressFamily.InterNetwork)]
    [InlineData("192.0.2.1", AddressFamily.InterNetworkV6)]
    public void A_family_that_is_not_there_is_told(string found, AddressFamily family) => Assert.Equal(
        SocketError.AddressFamilyNotSupported,
        Assert.Throws<SocketException>(() => HostResolver.Choose([IPAddress.Parse(found)], family)).SocketErrorCode);

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("localhost", "127.0.0.1")]
    public void An_address_is_taken_as_it_is_and_a_name_is_waited_for(string server, string expected) => Assert.Equal(
        IPAddress.Parse(expected),
        HostResolver.Resolve(ServerName.Parse(server), AddressFamily.InterNetwork, TestContext.Current.CancellationToken));

    [Fact]
    public void A_server_goes_on_to_the_other_family_once_and_back()
    {
        using var lookUp = new NameLookUp("box", lifetimeSeconds: 60);
        lookUp.Complete(Both.Split(' ').Select(IPAddress.Parse).ToArray());
        var server = new ResolvedServer(ServerName.Parse("box"), 7, lookUp, AddressFamily.Unspecified);
        Assert.Equal("192.0.2.1:7", server.Remote.ToString());
        Assert.True(server.TryChooseNext());
        Assert.Equal("[2001:db8::1]:7", server.Remote.ToString());
        Assert.False(server.TryChooseNext());
        Assert.Equal("[2001:db8::1]:7", server.Remote.ToString());
        Assert.Equal("192.0.2.1:7", server.ChooseFirst().ToString());
        Assert.True(server.TryChooseNext());
    }
}
