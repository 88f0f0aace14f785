using System;
using System.Linq;
using System.Management.Automation;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using UdpPS.Commands;
using UdpPS.Sending;
using UdpPS.Sockets;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Cmdlets;

public sealed class PendingSendsTests : IDisposable
{
    // Look-ups of names that begin with "slow" end when it is set.
    private readonly ManualResetEventSlim _answer = new();
    private readonly DestinationResolver _resolver;

    public PendingSendsTests() => _resolver = new DestinationResolver(AddressFamily.Unspecified, new NameTable(Resolve));

    public void Dispose() => _answer.Set();

    [Theory]
    [InlineData("hosta", true)]
    [InlineData("hostb", false)]
    public void Messages_to_one_server_stay_in_order_however_its_name_is_written(string name, bool isSame)
    {
        var sends = new PendingSends(CancellationToken.None);
        sends.Add(Send("HostA", 9));
        Assert.Equal(isSame, sends.HasOneTo(_resolver.Find(name, 10)));
    }

    [Fact]
    public void What_is_ready_is_taken_in_its_order_and_what_is_not_stays()
    {
        var sends = new PendingSends(CancellationToken.None);
        var request = new SendRequest([], null, null, WaitsForNames: false);
        PendingSend first = Send("quick", 1);
        PendingSend second = Send("quick", 2);
        PendingSend slow = Send("slow", 3, request);
        Assert.True(sends.IsEmpty);
        foreach (PendingSend send in new[] { slow, first, second })
        {
            sends.Add(send);
        }

        Assert.False(sends.IsEmpty);
        Until.True(() => first.Server.IsKnown, "the quick name is known");
        Assert.True(sends.TryTakeReady(out PendingSend taken));
        Assert.Same(first, taken);
        Assert.True(sends.TryTakeReady(out taken));
        Assert.Same(second, taken);
        Assert.False(sends.TryTakeReady(out _));
        Assert.True(sends.HasOneOf(request));
        Assert.False(sends.HasOneOf(request with { }));
        _answer.Set();
        Until.True(() => slow.Server.IsKnown, "the slow name is known");
        sends.Wait(Deadline.Never);
        Assert.True(sends.TryTakeReady(out taken));
        Assert.Same(slow, taken);
        Assert.True(sends.IsEmpty);
    }

    [Fact]
    public void They_are_full_at_64_MiB_of_the_longest_messages()
    {
        var sends = new PendingSends(CancellationToken.None);
        foreach (int port in Enumerable.Range(1, 1024))
        {
            Assert.False(sends.IsFull);
            sends.Add(Send("slow", port));
        }

        Assert.True(sends.IsFull);
    }

    [Fact]
    public void A_wait_for_a_name_is_ended_by_a_stop()
    {
        using var stop = new CancellationTokenSource();
        var sends = new PendingSends(stop.Token);
        sends.Add(Send("slow", 1));
        stop.Cancel();
        Assert.Throws<PipelineStoppedException>(() => sends.Wait(Deadline.Never));
        Assert.Throws<PipelineStoppedException>(
            () => LocalAddressArgument.Resolve("stopped.invalid", AddressFamily.Unspecified, "-Port", stop.Token));
    }

    private PendingSend Send(string name, int port, SendRequest? request = null) =>
        new(request!, 0, _resolver.Find(name, port), default, []);

    private IPAddress[] Resolve(string name)
    {
        if (name.StartsWith("slow", StringComparison.Ordinal))
        {
            _answer.Wait(Until.Deadline);
        }

        return [IPAddress.Loopback];
    }
}
