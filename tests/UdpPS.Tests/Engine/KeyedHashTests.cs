using System.Collections.Generic;
using System.Linq;
using System.Net;
using UdpPS.Listening;
using Xunit;

namespace UdpPS.Tests.Engine;

public sealed class KeyedHashTests
{
    // From the reference implementation of SipHash-2-4, with its key 00 01 .. 0f and its inputs 00 01 02 ...
    [Theory]
    [InlineData(0, 0x726fdb47dd0e0e31)]
    [InlineData(1, 0x74f839c593dc67fd)]
    [InlineData(2, 0x0d6c8009d9a94f5a)]
    [InlineData(3, 0x85676696d7fb7e2d)]
    [InlineData(7, 0xab0200f58b01d137)]
    [InlineData(8, 0x93f5f5799a932462)]
    [InlineData(15, 0xa129ca6149be45e5)]
    public void It_is_SipHash(int length, ulong expected)
    {
        var hash = new KeyedHash(0x0706050403020100, 0x0f0e0d0c0b0a0908);
        Assert.Equal(expected, hash.Compute(Enumerable.Range(0, length).Select(i => (byte)i).ToArray()));
    }

    [Fact]
    public void A_number_is_its_bytes_the_lowest_first()
    {
        var hash = new KeyedHash(1, 2);
        Assert.Equal(hash.Compute([1, 2, 3, 4, 5, 6, 7, 8]), hash.Compute(0x0807060504030201UL));
    }

    [Fact]
    public void Each_has_a_key_of_its_own()
    {
        var hashes = new HashSet<ulong>(Enumerable.Range(0, 100).Select(_ => new KeyedHash().Compute([1, 2, 3])));
        Assert.Equal(100, hashes.Count);
    }

    [Theory]
    [InlineData("192.0.2.1:5001")]
    [InlineData("192.0.2.1:5256")]
    [InlineData("192.0.2.2:5000")]
    [InlineData("[2001:db8::1]:5000")]
    public void An_endpoint_is_its_address_and_its_port(string other)
    {
        var hash = new KeyedHash();
        Assert.Equal(hash.Compute(IPEndPoint.Parse("192.0.2.1:5000")), hash.Compute(IPEndPoint.Parse("192.0.2.1:5000")));
        Assert.NotEqual(hash.Compute(IPEndPoint.Parse("192.0.2.1:5000")), hash.Compute(IPEndPoint.Parse(other)));
    }

    [Theory]
    [InlineData("[2001:db8::1:2:3:4]:5000", "[2001:db9::1:2:3:4]:5000")]
    [InlineData("[2001:db8::1:2:3:4]:5000", "[2001:db8::1:2:3:5]:5000")]
    public void Both_halves_of_an_address_count(string one, string other)
    {
        var hash = new KeyedHash();
        Assert.NotEqual(hash.Compute(IPEndPoint.Parse(one)), hash.Compute(IPEndPoint.Parse(other)));
    }
}
