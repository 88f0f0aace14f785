using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.NetworkInformation;
using System.Threading;
using UdpPS.Listening;
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
                Assert.True(addresses.IsMulticastOrBroadcast(IPAddress.Broadcast));
                return Volatile.Read(ref _lookUps) > 3;
            },
            "the addresses are looked up again, more than once");
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
