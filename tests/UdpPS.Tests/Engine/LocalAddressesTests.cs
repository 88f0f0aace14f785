using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.NetworkInformation;
using System.Threading;
using System.Threading.Tasks;
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

    [Fact]
    public void An_address_that_comes_later_is_found_and_one_that_went_is_not()
    {
        string[] own = ["192.0.2.1", "192.0.2.2"];
        var addresses = new LocalAddresses(
            () => [new OwnAddress(IPAddress.Parse(own[Math.Min(_lookUps++, 1)]), IPAddress.Parse("255.255.255.0"))], refreshSeconds: 0.001);
        Until.True(() => addresses.Contains(IPAddress.Parse(own[1])), "the addresses are looked up again");
        Assert.False(addresses.Contains(IPAddress.Parse(own[0])));
    }

    [Fact]
    public async Task While_what_is_known_holds_nothing_is_looked_up()
    {
        var addresses = new LocalAddresses(() => ListOnce(fails: false), refreshSeconds: 3600);
        for (int i = 0; i < 100; i++)
        {
            addresses.Contains(IPAddress.Loopback);
            addresses.IsMulticastOrBroadcast(AddressBits.Of(IPAddress.Broadcast));
        }

        // Behind any look-up on the pool, which begins in order.
        for (int i = 0; i < 100; i++)
        {
            await Task.Run(() => { }, TestContext.Current.CancellationToken);
        }

        Assert.Equal(1, Volatile.Read(ref _lookUps));
    }

    [Fact]
    public void A_broadcast_is_that_of_a_network_of_this_machine_or_of_every_network()
    {
        var addresses = Of("192.0.2.1", "255.255.255.0");
        Assert.True(addresses.IsMulticastOrBroadcast(AddressBits.Of(IPAddress.Parse("192.0.2.255"))));
        Assert.True(addresses.IsMulticastOrBroadcast(AddressBits.Of(IPAddress.Broadcast)));
        Assert.True(addresses.IsMulticastOrBroadcast(AddressBits.Of(IPAddress.Parse("239.1.1.1"))));
        Assert.False(addresses.IsMulticastOrBroadcast(AddressBits.Of(IPAddress.Parse("198.51.100.255"))));
        Assert.False(addresses.IsMulticastOrBroadcast(AddressBits.Of(IPAddress.Parse("192.0.2.1"))));
        Assert.True(addresses.Contains(IPAddress.Parse("192.0.2.1")));
        Assert.False(addresses.Contains(IPAddress.Parse("192.0.2.255")));
    }

    [Fact]
    public void An_address_of_this_machine_is_no_broadcast_though_it_ends_its_network()
    {
        var addresses = Of("192.0.2.255", "255.255.255.0");
        Assert.True(addresses.Contains(IPAddress.Parse("192.0.2.255")));
        Assert.False(addresses.IsMulticastOrBroadcast(AddressBits.Of(IPAddress.Parse("192.0.2.255"))));
    }

    private static LocalAddresses Of(string address, string mask) =>
        new(() => [new OwnAddress(IPAddress.Parse(address), IPAddress.Parse(mask))], refreshSeconds: 60);

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
