using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.NetworkInformation;
using System.Threading;
using UdpPS.Sockets;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Engine;

public sealed class LocalAddressesTests
{
    private int _lookUps;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_was_known_goes_on_when_the_system_does_not_tell(bool fails)
    {
        var addresses = new LocalAddresses(() => ListOnce(fails), refreshSeconds: 0.001);
        Until.True(
            () =>
            {
                Assert.True(addresses.Contains(IPAddress.Loopback));
                Assert.True(addresses.IsMulticastOrBroadcast(AddressBits.Of(IPAddress.Broadcast)));
                return Volatile.Read(ref _lookUps) > 3;
            },
            "the addresses are looked up again, more than once");
    }

    [Theory]
    [InlineData("192.0.2.1", "255.255.255.0", "192.0.2.255", true)]
    [InlineData("192.0.2.1", "255.255.255.252", "192.0.2.3", true)]
    [InlineData("192.0.2.0", "255.255.255.254", "192.0.2.1", false)] // RFC 3021
    [InlineData("192.0.2.1", "255.255.255.255", "192.0.2.1", false)]
    [InlineData("192.0.2.1", "255.255.255.0", "192.0.2.1", false)]
    public void A_network_has_a_broadcast_address_unless_it_has_two_addresses_or_one(
        string own, string mask, string asked, bool isBroadcast)
    {
        var addresses = new LocalAddresses(() => [new OneAddress(IPAddress.Parse(own), IPAddress.Parse(mask))], refreshSeconds: 60);
        Assert.Equal(isBroadcast, addresses.IsMulticastOrBroadcast(AddressBits.Of(IPAddress.Parse(asked))));
        Assert.True(addresses.Contains(IPAddress.Parse(own)));
    }

    private sealed class OneAddress(IPAddress address, IPAddress mask) : UnicastIPAddressInformation
    {
        public override IPAddress Address => address;

        public override IPAddress IPv4Mask => mask;

        public override long AddressPreferredLifetime => 0;

        public override long AddressValidLifetime => 0;

        public override long DhcpLeaseLifetime => 0;

        public override DuplicateAddressDetectionState DuplicateAddressDetectionState => DuplicateAddressDetectionState.Preferred;

        public override bool IsDnsEligible => true;

        public override bool IsTransient => false;

        public override PrefixOrigin PrefixOrigin => PrefixOrigin.Manual;

        public override SuffixOrigin SuffixOrigin => SuffixOrigin.Manual;
    }

    // On a thread of the pool, where an exception would end the process.
    private IEnumerable<UnicastIPAddressInformation> ListOnce(bool fails)
    {
        if (Interlocked.Increment(ref _lookUps) == 1)
        {
            return NetworkInterfaces.FindAddresses().ToArray();
        }

        return fails ? throw new IOException("Too many open files") : [];
    }
}
