using System.Net.Sockets;
using System.Threading;
using UdpPS.Commands;
using UdpPS.Sending;
using Xunit;

namespace UdpPS.Tests.Cmdlets;

public sealed class PendingSendsTests
{
    [Theory]
    [InlineData("hosta", true)]
    [InlineData("hostb", false)]
    public void Messages_to_one_server_stay_in_order_however_its_name_is_written(string name, bool isSame)
    {
        var resolver = new DestinationResolver(AddressFamily.Unspecified, new Sockets.NameTable(_ => []));
        var sends = new PendingSends(CancellationToken.None);
        sends.Add(new PendingSend(null!, 0, resolver.Find("HostA", 9), default, []));
        Assert.Equal(isSame, sends.HasOneTo(resolver.Find(name, 10)));
    }
}
