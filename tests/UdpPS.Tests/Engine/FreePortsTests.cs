using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using UdpPS.Sending;
using UdpPS.Sockets;
using Xunit;

namespace UdpPS.Tests.Engine;

/// <summary>The port that has been unused for longest is the next.</summary>
public sealed class FreePortsTests
{
    [Fact]
    public void All_ports_are_taken_once_in_an_order_that_nobody_knows()
    {
        int[] all = Enumerable.Range(1, 1000).ToArray();
        int[] one = TakeAll(new FreePorts(all));
        int[] other = TakeAll(new FreePorts(all));
        Assert.Equal(all, one.Order());
        Assert.NotEqual(all, one);
        Assert.NotEqual(one, other);
    }

    [Fact]
    public void Every_port_can_come_first() =>
        Assert.Equal(3, Enumerable.Range(0, 200).Select(_ => TakeAll(new FreePorts([1, 2, 3]))[0]).Distinct().Count());

    [Fact]
    public void A_port_that_is_returned_comes_last()
    {
        var ports = new FreePorts([1, 2, 3, 4]);
        Assert.True(ports.TryTake(out int first));
        Assert.True(ports.TryTake(out int second));
        ports.Return(second);
        ports.Return(first);
        Assert.Equal(4, ports.Total);
        Assert.Equal(4, ports.Count);
        int[] next = TakeAll(ports);
        Assert.Equal([second, first], next[2..]);
        Assert.False(ports.TryTake(out _));
        Assert.Equal(0, ports.Count);
    }

    [Fact]
    public void A_port_that_a_user_has_fixed_is_passed_over_and_comes_last_afterwards()
    {
        var ports = new FreePorts([1, 2, 3]);
        ports.Fix(2);
        ports.Fix(2);
        int[] taken = TakeAll(ports);
        Assert.Equal([1, 3], taken.Order());
        ports.Return(1);

        // Two sockets had it, of two families.
        ports.Unfix(2);
        Assert.Equal([1], TakeAll(ports));
        ports.Return(1);
        ports.Unfix(2);
        ports.Return(3);
        Assert.Equal([1, 2, 3], TakeAll(ports));
    }

    [Fact]
    public void A_port_that_a_message_has_is_not_there_twice_when_a_user_had_it_too()
    {
        var ports = new FreePorts([1]);
        Assert.True(ports.TryTake(out int port));
        ports.Fix(port);
        ports.Unfix(port);
        ports.Fix(9);
        ports.Unfix(9);
        Assert.False(ports.TryTake(out _));
        ports.Return(port);
        Assert.Equal([1], TakeAll(ports));
    }

    [Theory]
    [InlineData("32768\t60999\n", "", 32768, 60999, 28232)]
    [InlineData("40000\t40009\n", "40001,40003-40005\n", 40000, 40009, 6)]
    [InlineData("40000 40000", "\n", 40000, 40000, 1)]
    [InlineData(null, null, 49152, 65535, 16384)]
    [InlineData("", "49152", 49153, 65535, 16383)]
    [InlineData("5 4", null, 49152, 65535, 16384)]
    [InlineData("65000 65535", "65535", 65000, 65534, 535)]
    [InlineData("x y", null, 49152, 65535, 16384)]
    [InlineData("0 65535", null, 49152, 65535, 16384)]
    public void The_range_is_the_systems(string? range, string? reserved, int first, int last, int count)
    {
        IReadOnlyList<int> ports = DynamicPorts.Parse(range, reserved);
        Assert.Equal((first, last, count), (ports[0], ports[^1], ports.Count));
        Assert.DoesNotContain(40001, reserved?.StartsWith('4') == true && count == 6 ? ports : []);
    }

    [Fact]
    public void This_system_has_ports()
    {
        IReadOnlyList<int> ports = DynamicPorts.Find();
        Assert.NotEmpty(ports);
        if (OperatingSystem.IsLinux())
        {
            Assert.Equal(
                DynamicPorts.Parse(
                    File.ReadAllText("/proc/sys/net/ipv4/ip_local_port_range"),
                    File.ReadAllText("/proc/sys/net/ipv4/ip_local_reserved_ports")),
                ports);
        }
    }

    private static int[] TakeAll(FreePorts ports)
    {
        var taken = new List<int>();
        while (ports.TryTake(out int port))
        {
            taken.Add(port);
        }

        return taken.ToArray();
    }
}
