using System.Linq;
using System.Net;
using System.Net.Sockets;
using UdpPS.Sockets;
using Xunit;

namespace UdpPS.Tests.Engine;

public sealed class ServerNameTests
{
    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData(" 0.0.0.0\t", "0.0.0.0")]
    [InlineData("255.255.255.255", "255.255.255.255")]
    [InlineData("2001:db8::7", "2001:db8::7")]
    [InlineData("[2001:db8::7]", "2001:db8::7")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7")]
    public void An_address_is_one(string text, string address)
    {
        var server = ServerName.Parse(text);
        Assert.Equal(address, server.Address?.ToString());
        Assert.Equal((text.Trim(), null, ServerFault.None), (server.Text, server.Name, server.Fault));
    }

    [Theory]
    [InlineData("box", "box")]
    [InlineData(" box-7.example.net ", "box-7.example.net")]
    [InlineData("my_box", "my_box")]
    [InlineData("7box", "7box")]
    [InlineData("box.0xag", "box.0xag")]
    [InlineData("box.", "box.")]
    [InlineData("1.2.3.4.in-addr.arpa", "1.2.3.4.in-addr.arpa")]
    [InlineData("bücher.example", "xn--bcher-kva.example")]
    public void A_name_is_one(string text, string name)
    {
        var server = ServerName.Parse(text);
        Assert.Equal(name, server.Name);
        Assert.Equal((text.Trim(), null, ServerFault.None), (server.Text, server.Address, server.Fault));
    }

    [Theory]
    [InlineData(null, nameof(ServerFault.Empty))]
    [InlineData(" ", nameof(ServerFault.Empty))]
    [InlineData("box:53", nameof(ServerFault.HasPort))]
    [InlineData("192.0.2.7:53", nameof(ServerFault.HasPort))]
    [InlineData("[::1]:53", nameof(ServerFault.HasPort))]
    [InlineData("[::1%1]:53", nameof(ServerFault.HasPort))]
    [InlineData("box:5a", nameof(ServerFault.NotAName))]
    [InlineData("bü..cher", nameof(ServerFault.NotAName))]
    [InlineData("[::1", nameof(ServerFault.NotAName))]
    [InlineData("[[::1]]", nameof(ServerFault.NotAName))]
    [InlineData("fe80::1%1%1", nameof(ServerFault.NotAName))]
    [InlineData("http://box", nameof(ServerFault.NotAName))]
    [InlineData("1", nameof(ServerFault.NotIPv4))]
    [InlineData("10.1", nameof(ServerFault.NotIPv4))]
    [InlineData("10.0.0.01", nameof(ServerFault.NotIPv4))]
    [InlineData("10.0.0.1.", nameof(ServerFault.NotIPv4))]
    [InlineData("0x0a.0.0.0x1", nameof(ServerFault.NotIPv4))]
    [InlineData("box.0XAF", nameof(ServerFault.NotIPv4))]
    [InlineData(".", nameof(ServerFault.NotIPv4))]
    [InlineData("1.2.3.4.5", nameof(ServerFault.NotIPv4))]
    [InlineData("1.2.3.256", nameof(ServerFault.NotIPv4))]
    [InlineData("1.2.3.99999999999", nameof(ServerFault.NotIPv4))]
    [InlineData("1..2.3", nameof(ServerFault.NotIPv4))]
    [InlineData("1.2.3a.4", nameof(ServerFault.NotIPv4))]
    [InlineData("fe80::1%nosuch0", nameof(ServerFault.UnknownScope))]
    [InlineData("a b", nameof(ServerFault.NotAName))]
    [InlineData("a/b", nameof(ServerFault.NotAName))]
    [InlineData("a\\b", nameof(ServerFault.NotAName))]
    [InlineData("a\u0007b", nameof(ServerFault.NotAName))]
    public void Anything_else_has_its_fault(string? text, string fault)
    {
        var server = ServerName.Parse(text);
        Assert.Equal(fault, server.Fault.ToString());
        Assert.Equal((text?.Trim() ?? string.Empty, null, null), (server.Text, server.Address, server.Name));
    }

    [Fact]
    public void A_name_that_is_too_long_is_none()
    {
        Assert.Equal(new string('a', 255), ServerName.Parse(new string('a', 255)).Name);
        Assert.Equal(ServerFault.NotAName, ServerName.Parse(new string('a', 256)).Fault);
    }

    [Fact]
    public void A_scope_is_an_interface_of_this_machine_by_name_or_index()
    {
        var found = NetworkInterfaces.FindAll().FirstOrDefault(one => one.Properties.UnicastAddresses.Any(
            own => own.Address.AddressFamily == AddressFamily.InterNetworkV6));
        if (found.Interface is null)
        {
            Assert.Skip("This machine has no IPv6.");
        }

        int index = found.Properties.GetIPv6Properties().Index;
        Assert.Equal(index, ServerName.Parse($"fe80::1%{found.Interface.Name}").Address?.ScopeId);
        Assert.Equal(index, ServerName.Parse($"fe80::1%{index}").Address?.ScopeId);
        Assert.Equal(IPAddress.Parse($"fe80::1%{index}"), ServerName.Parse($"[fe80::1%{found.Interface.Name}]").Address);
    }
}
