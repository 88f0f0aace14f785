using System.Net;
using UdpPS.Sockets;
using Xunit;

namespace UdpPS.Tests.Engine;

public sealed class AddressBitsTests
{
    [Theory]
    [InlineData("1.2.3.4", 0, 0x04030201_FFFF0000, true, 1)]
    [InlineData("::ffff:1.2.3.4", 0, 0x04030201_FFFF0000, true, 1)]
    [InlineData("102:304:506:708:90a:b0c:d0e:f10", 0x0807060504030201, 0x100F0E0D0C0B0A09, false, 1)]
    [InlineData("::1", 0, 0x0100000000000000, false, 0)]
    [InlineData("ff02::1%3", 0x2FF, 0x0100000000000000, false, 0xFF)]
    public void The_first_byte_of_each_half_is_in_its_lowest_bits(string address, ulong high, ulong low, bool isIPv4, byte first)
    {
        AddressBits bits = AddressBits.Of(new IPEndPoint(IPAddress.Parse(address), 1));
        Assert.Equal(new AddressBits(high, low), bits);
        Assert.Equal(isIPv4, bits.IsIPv4);
        Assert.Equal(first, bits.FirstByte);
    }
}
