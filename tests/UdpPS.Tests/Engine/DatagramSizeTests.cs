using System.Net;
using UdpPS.Sockets;
using Xunit;

namespace UdpPS.Tests.Engine;

public sealed class DatagramSizeTests
{
    [Theory]
    [InlineData("192.0.2.1", 65507, 1472)]
    [InlineData("2001:db8::1", 65527, 1452)]
    public void The_headers_of_a_family_are_counted(string address, int longest, int inAnEthernetFrame)
    {
        Assert.Equal(longest, DatagramSize.MaximumPayload(IPAddress.Parse(address)));
        Assert.Equal(inAnEthernetFrame, DatagramSize.PayloadOf(1500, IPAddress.Parse(address)));
    }
}
