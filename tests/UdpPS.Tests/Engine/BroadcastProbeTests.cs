using System;
using System.Net;
using UdpPS.Sockets;
using Xunit;

namespace UdpPS.Tests.Engine;

/// <summary>The system says what a broadcast is, and a group is known by its address.</summary>
public sealed class BroadcastProbeTests
{
    [Theory]
    [InlineData("127.255.255.255", null, true, false)]
    [InlineData("127.255.255.255", "127.0.0.2", true, false)]
    [InlineData("127.0.0.255", null, false, false)]
    [InlineData("127.0.0.1", "127.0.0.1", false, false)]
    [InlineData("::1", null, false, false)]
    [InlineData("239.255.77.1", "127.0.0.1", false, true)]
    [InlineData("ff15::1", null, false, true)]
    public void Whether_many_receive_it_is_the_systems_to_say(string remote, string? local, bool isBroadcast, bool isGroup)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The loopback network of others has no broadcast address.");
        var to = new IPEndPoint(IPAddress.Parse(remote), 9);
        IPAddress? from = local is null ? null : IPAddress.Parse(local);
        Assert.Equal(isBroadcast, BroadcastProbe.IsBroadcast(to, from));
        Assert.Equal(
            isBroadcast || isGroup, BroadcastProbe.HasManyReceivers(to, new SendOptions { LocalAddress = from, Broadcast = true }));
        Assert.Equal(isGroup, BroadcastProbe.HasManyReceivers(to, new SendOptions { LocalAddress = from }));
    }
}
