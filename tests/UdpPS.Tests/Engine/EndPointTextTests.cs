using UdpPS.Sockets;
using Xunit;

namespace UdpPS.Tests.Engine;

public sealed class EndPointTextTests
{
    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1:4010")]
    [InlineData("Any", "Any:4010")]
    [InlineData("::1", "[::1]:4010")]
    public void An_IPv6_address_is_in_brackets(string address, string expected) =>
        Assert.Equal(expected, EndPointText.Format(address, 4010));
}
