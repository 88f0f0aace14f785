using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using UdpPS.Sending;
using UdpPS.Sockets;
using Xunit;

namespace UdpPS.Tests.Engine;

public sealed class DestinationResolverTests
{
    private readonly DestinationResolver _resolver = new(AddressFamily.Unspecified, new NameTable(_ => [IPAddress.Loopback]));

    [Fact]
    public void Each_port_of_a_server_is_a_destination_of_its_own()
    {
        int[] ports = [7, 8, 8, 7];
        Assert.Equal(ports, ports.Select(port => _resolver.Find("192.0.2.1", port).Remote.Port));
    }

    [Fact]
    public void Each_server_of_a_port_is_a_destination_of_its_own()
    {
        string[] servers = ["192.0.2.1", "192.0.2.2", "192.0.2.2", "192.0.2.1"];
        Assert.Equal(servers, servers.Select(server => _resolver.Find(server, 7).Remote.Address.ToString()));
    }

    [Fact]
    public void The_same_server_and_port_are_the_same_object()
    {
        ResolvedServer first = _resolver.Find("192.0.2.1", 7);
        Assert.Same(first, _resolver.Find("192.0.2.1", 7));
        _resolver.Find("192.0.2.2", 7);
        Assert.Same(first, _resolver.Find("192.0.2.1", 7));
        Assert.Same(first.Remote, first.Remote);
    }

    [Fact]
    public async Task An_address_is_known_at_once_and_a_name_when_it_was_looked_up()
    {
        using var answer = new ManualResetEventSlim();
        var resolver = new DestinationResolver(AddressFamily.Unspecified, new NameTable(_ =>
        {
            answer.Wait();
            return [IPAddress.Loopback];
        }));
        Assert.True(resolver.Find("192.0.2.1", 7).IsKnown);
        ResolvedServer server = resolver.Find("box", 7);
        Assert.False(server.IsKnown);
        answer.Set();
        await server.LookUp!.Completion;
        Assert.True(server.IsKnown);
    }

    [Fact]
    public void What_is_no_server_is_looked_at_again()
    {
        ResolvedServer none = _resolver.Find("fe80::1%nosuch0", 7);
        Assert.Equal(ServerFault.UnknownScope, none.Name.Fault);
        Assert.NotSame(none, _resolver.Find("fe80::1%nosuch0", 7));
    }

    [Fact]
    public void What_is_remembered_is_bounded()
    {
        ResolvedServer first = _resolver.Find("192.0.2.1", 1);
        for (int port = 2; port <= 4096; port++)
        {
            _resolver.Find("192.0.2.1", port);
        }

        Assert.Same(first, _resolver.Find("192.0.2.1", 1));
        _resolver.Find("192.0.2.1", 4097);
        Assert.NotSame(first, _resolver.Find("192.0.2.1", 1));
    }
}
