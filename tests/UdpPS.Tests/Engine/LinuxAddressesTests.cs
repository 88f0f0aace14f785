using System.Linq;
using System.Net;
using System.Net.Sockets;
using UdpPS.Sockets;
using Xunit;

namespace UdpPS.Tests.Engine;

/// <summary>The kernel's socket addresses, by their bytes (ip(7), ipv6(7)).</summary>
public sealed unsafe class LinuxAddressesTests
{
    private readonly LinuxAddresses _addresses = new();

    public LinuxAddressesTests() => Assert.SkipUnless(LinuxMessages.HasLayout, "These are Linux's, on x64 and arm64.");

    [Fact]
    public void Each_peer_is_the_one_that_was_named_however_many_there_are()
    {
        const int Ports = 5000;
        IPAddress[] hosts = [.. Enumerable.Range(1, 3).Select(i => new IPAddress([192, 0, 2, (byte)i]))];
        for (int round = 0; round < 2; round++)
        {
            for (int port = 1; port <= Ports; port++)
            {
                foreach (IPAddress host in hosts)
                {
                    Assert.Equal(new IPEndPoint(host, port), Read(NameOf(host, port)));
                }
            }
        }
    }

    [Fact]
    public void One_address_on_two_interfaces_is_two_peers()
    {
        IPAddress host = IPAddress.Parse("fe80::1");
        foreach (int scope in (int[])[1, 2, 1, 3])
        {
            IPEndPoint peer = Read(NameOf(host, 5000, scope));
            Assert.Equal(scope, peer.Address.ScopeId);
            Assert.Equal(5000, peer.Port);

            // From a port that was not seen before, the address may be known.
            Assert.Equal(scope, Read(NameOf(host, 5000 + scope, scope)).Address.ScopeId);
        }
    }

    [Fact]
    public void A_peer_that_sends_again_costs_no_new_object()
    {
        byte[] name = NameOf(IPAddress.Parse("2001:db8::1"), 5000);
        Assert.Same(Read(name), Read(name));
    }

    [Theory]
    [InlineData("192.0.2.1", 0, AddressFamily.InterNetwork, "192.0.2.1")]
    [InlineData("::ffff:192.0.2.1", 0, AddressFamily.InterNetworkV6, "192.0.2.1")]
    [InlineData("2001:db8::1", 0, AddressFamily.InterNetworkV6, "2001:db8::1")]
    [InlineData("fe80::1", 7, AddressFamily.InterNetworkV6, "fe80::1%7")]
    public void A_reply_goes_to_the_very_name_that_a_message_came_from(string host, int scope, AddressFamily family, string shown)
    {
        byte[] name = NameOf(IPAddress.Parse(host), 0x1234, scope);
        IPEndPoint peer = Read(name);
        Assert.Equal(shown, peer.Address.ToString());
        Assert.Equal(name, Write(peer, family));

        // Made by others, it is written the same.
        Assert.Equal(name, Write(new IPEndPoint(peer.Address, peer.Port), family));
    }

    private static byte[] NameOf(IPAddress host, int port, int scope = 0)
    {
        bool isIPv6 = host.AddressFamily == AddressFamily.InterNetworkV6;
        byte[] name = new byte[isIPv6 ? 28 : 16];
        name[0] = (byte)(isIPv6 ? 10 : 2);
        name[2] = (byte)(port >> 8);
        name[3] = (byte)port;
        host.GetAddressBytes().CopyTo(name, isIPv6 ? 8 : 4);
        if (isIPv6)
        {
            name[24] = (byte)scope;
        }

        return name;
    }

    private static byte[] Write(IPEndPoint peer, AddressFamily family)
    {
        // What the kernel shall not read is full of something else.
        byte[] name = [.. Enumerable.Repeat((byte)0xAA, LinuxAddresses.MaximumLength)];
        fixed (byte* to = name)
        {
            return name[..LinuxAddresses.WritePeer(to, peer, family)];
        }
    }

    private IPEndPoint Read(byte[] name)
    {
        fixed (byte* from = name)
        {
            return _addresses.ReadPeer(from);
        }
    }
}
