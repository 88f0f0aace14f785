using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Net;
using System.Net.NetworkInformation;
using UdpPS.Parameters;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Cmdlets;

/// <summary>What Tab offers for the value of a parameter, asked as a host asks.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly Session _session = new();

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("Start-UdpListener -Encoding utf8", new[] { "utf8", "utf8BOM", "utf8NoBOM" })]
    [InlineData("Send-UdpMessage -Encoding BIGENDIANUTF", new[] { "bigendianutf32" })]
    [InlineData("Receive-UdpAck -Encoding 'asc", new[] { "'ascii'" })]
    [InlineData("Receive-UdpAck -Encoding \"asc\"", new[] { "\"ascii\"" })]
    public void Encodings_complete_by_their_beginning_whatever_the_case(string line, string[] expected) =>
        Assert.Equal(expected, Texts(line));

    [Fact]
    public void All_encodings_are_offered_where_nothing_was_typed() =>
        Assert.Equal(EncodingNames.All, Texts("Start-UdpListener -Encoding "));

    [Theory]
    [InlineData("Start-UdpListener -Encoding *8")]
    [InlineData("Start-UdpListener -LocalAddress [")]
    [InlineData("Start-UdpListener -Interface 'l*")]
    [InlineData("Start-UdpListener -AllowFrom 10.0.0.0/8,?")]
    [InlineData("Send-UdpMessage -Server [*")]
    public void A_wildcard_in_the_word_stands_for_itself(string line)
    {
        CompletionResult[] results = Complete(line);
        Assert.DoesNotContain(results, result => result.CompletionText.Trim('\'', '"') is "utf8" or "lo" or "127.0.0.1");
    }

    [Theory]
    [InlineData("Start-UdpListener -LocalAddress '", "'Any'")]
    [InlineData("Start-UdpListener -LocalAddress \"", "\"Any\"")]
    [InlineData("Start-UdpListener -LocalAddress `", "Any")]
    public void Half_a_quote_breaks_nothing(string line, string expected) => Assert.Equal(expected, Texts(line)[0]);

    [Fact]
    public void A_listener_is_offered_Any_and_loopback_before_all_else()
    {
        string[] texts = Texts("Start-UdpListener -LocalAddress ");
        Assert.Equal(["Any", "127.0.0.1"], texts.Take(2));
        Assert.Equal(
            "Any: every address of this machine, IPv4 and IPv6, open to the network",
            Complete("Start-UdpListener -LocalAddress Any").Single().ToolTip);
        Assert.Equal(LocalAddresses().Select(own => own.Address).Append("Any").Order(), texts.Order());
    }

    [Theory]
    [InlineData("Start-UdpListener -LocalAddress an", new[] { "Any" })]
    [InlineData("Start-UdpListener -LocalAddress AN", new[] { "Any" })]
    [InlineData("UdpPS\\Start-UdpListener -LocalAddress 127.0.0.1", new[] { "127.0.0.1" })]
    public void Addresses_complete_by_their_beginning(string line, string[] expected) => Assert.Equal(expected, Texts(line));

    [Fact]
    public void A_sender_is_offered_this_machines_addresses_and_not_Any()
    {
        CompletionResult[] results = Complete("Send-UdpMessage 127.0.0.1 -LocalAddress ");
        Assert.Equal("127.0.0.1", results[0].CompletionText);
        Assert.Equal(
            LocalAddresses().Select(own => (own.Address, $"{own.Address} on {own.Interface}")).Order(),
            results.Select(result => (result.CompletionText, result.ToolTip)).Order());
    }

    [Fact]
    public void Interfaces_complete_by_name_and_tell_their_addresses_and_index()
    {
        CompletionResult[] results = Complete("Start-UdpListener -MulticastGroup 239.1.2.3 -Interface ");
        Assert.Equal(NetworkInterface.GetAllNetworkInterfaces().Select(one => one.Name), results.Select(one => one.ListItemText));
        NetworkInterface loopback = NetworkInterface.GetAllNetworkInterfaces()
            .First(one => one.NetworkInterfaceType == NetworkInterfaceType.Loopback);
        string toolTip = results.Single(one => one.ListItemText == loopback.Name).ToolTip;
        Assert.StartsWith($"{loopback.Name}: 127.0.0.1", toolTip);
        Assert.EndsWith($"(index {loopback.GetIPProperties().GetIPv4Properties().Index})", toolTip);
    }

    [Fact]
    public void Networks_complete_for_each_element_and_are_taken_by_the_listener()
    {
        CompletionResult loopback = Complete("Start-UdpListener -AllowFrom 192.0.2.1,127.").Single();
        Assert.Equal("127.0.0.0/8", loopback.CompletionText);
        Assert.Equal($"127.0.0.0/8 on {LocalAddresses().First(own => own.Address == "127.0.0.1").Interface}", loopback.ToolTip);
        foreach (string network in Texts("Start-UdpListener -AllowFrom "))
        {
            _session.StartJob($"-AllowFrom {network}");
        }
    }

    [Theory]
    [InlineData("192.168.47.130", 24, "192.168.47.0/24")]
    [InlineData("10.255.255.255", 9, "10.128.0.0/9")]
    [InlineData("10.1.2.3", 32, "10.1.2.3/32")]
    [InlineData("10.1.2.3", 0, "0.0.0.0/0")]
    [InlineData("fd00:1234::9", 64, "fd00:1234::/64")]
    [InlineData("fe80::1%3", 64, "fe80::/64")]
    public void A_network_is_its_address_with_the_hosts_part_empty(string address, int prefix, string expected) =>
        Assert.Equal(expected, KnownInterface.NetworkOf(new OwnAddress(IPAddress.Parse(address), prefix)));

    [Fact]
    public void Servers_that_were_sent_to_are_offered_the_last_one_first()
    {
        using var peer = new RawSocket();
        _session["port"] = peer.Port;
        Assert.DoesNotContain("127.0.0.1", Texts("Send-UdpMessage -Server "));
        _session.Run("Send-UdpMessage 127.0.0.1,localhost,127.0.0.2 $port hi; Send-UdpMessage LOCALHOST $port hi");
        CompletionResult[] results = Complete("Send-UdpMessage -Server ");
        Assert.Equal(["LOCALHOST", "127.0.0.2", "127.0.0.1"], results.Select(result => result.CompletionText));
        Assert.Equal($"127.0.0.2: last sent to 127.0.0.2:{peer.Port}", results[1].ToolTip);
        Assert.Equal(["127.0.0.2", "127.0.0.1"], Texts("Send-UdpMessage 127"));
        Assert.Equal(["LOCALHOST"], Texts("Send-UdpMessage -ComputerName 127.0.0.1,local"));
    }

    [Fact]
    public void A_server_that_was_not_found_is_not_offered()
    {
        _session.RunToError("Send-UdpMessage 'no such host' 4010 hi");
        _session.RunToError("Send-UdpMessage 127.0.0.1 4010 hi -LocalAddress ::1");
        Assert.DoesNotContain(Texts("Send-UdpMessage -Server "), text => text.Contains("no such") || text == "127.0.0.1");
    }

    [Fact]
    public void A_session_offers_its_own_servers_only()
    {
        _session.Run("Send-UdpMessage 127.0.0.1 4010 hi");
        using var other = new Session();
        Assert.DoesNotContain("127.0.0.1", Texts("Send-UdpMessage -Server ", other));
        Assert.Equal(["127.0.0.1"], Texts("Send-UdpMessage -Server "));
    }

    [Fact]
    public void Fifty_servers_are_remembered()
    {
        _session.Run("1..60 | ForEach-Object { Send-UdpMessage 127.0.0.$_ 4010 hi }");
        Assert.Equal(Enumerable.Range(11, 50).Reverse().Select(i => $"127.0.0.{i}"), Texts("Send-UdpMessage -Server "));
    }

    [Theory]
    [InlineData("eth0")]
    [InlineData("vEthernet (WSL)")]
    [InlineData("Ethernet 2")]
    [InlineData("it's")]
    [InlineData("it\u2019s")]
    [InlineData("$name")]
    [InlineData("-dash")]
    [InlineData("a,b;c|d&e")]
    [InlineData("@(1)")]
    [InlineData("#none")]
    [InlineData("back`tick")]
    [InlineData("say \"hi\"")]
    [InlineData("fe80::1%eth0")]
    public void What_is_offered_means_itself_on_the_command_line(string name)
    {
        foreach (string word in new[] { string.Empty, "'", "\"", name[..1] })
        {
            CompletionResult result = Assert.Single(Completions.For(word, [(name, null)]));
            Assert.Equal(name, result.ListItemText);
            ScriptBlockAst line = Parser.ParseInput($"Start-UdpListener -Interface {result.CompletionText}", out _, out ParseError[] errors);
            Assert.Empty(errors);
            var command = (CommandAst)((PipelineAst)line.EndBlock.Statements.Single()).PipelineElements.Single();
            Assert.Equal(name, Assert.IsType<StringConstantExpressionAst>(command.CommandElements[2]).Value);
        }
    }

    [Fact]
    public void Ports_of_listeners_are_offered_in_order_once_each_and_tell_their_addresses()
    {
        Assert.SkipWhen(OperatingSystem.IsMacOS(), "Only 127.0.0.1 is an address of it.");
        int[] ports = [.. Enumerable.Range(0, 5).Select(_ => _session.StartJob().LocalPort)];
        _session["port"] = ports[0];
        _session.Run("Start-UdpListener -Port $port -LocalAddress 127.0.0.2 -AsJob");

        CompletionResult[] offered = Complete("Send-UdpMessage 127.0.0.1 -Port ");
        int[] own = [.. offered.Select(result => int.Parse(result.CompletionText, CultureInfo.InvariantCulture)).Where(ports.Contains)];
        Assert.Equal(ports.Order(), own);
        Assert.Equal(
            $"{ports[0]}: a listener on 127.0.0.1, 127.0.0.2",
            offered.Single(result => result.CompletionText == $"{ports[0]}").ToolTip);
        Assert.Equal(
            $"{ports[1]}: a listener on 127.0.0.1",
            offered.Single(result => result.CompletionText == $"{ports[1]}").ToolTip);
    }

    // Quotes that are not needed would only be in the way.
    [Theory]
    [InlineData("a-b_c.d:e/f%g\\h1\u00E9", true)]
    [InlineData("a b", false)]
    [InlineData("-a", false)]
    [InlineData("a$", false)]
    public void Only_what_means_something_else_is_quoted(string name, bool isBare)
    {
        CompletionResult result = Assert.Single(Completions.For("", [(name, null), ("", "nothing")]));
        Assert.Equal(isBare ? name : $"'{name}'", result.CompletionText);
        Assert.Equal(name, result.ToolTip);
        Assert.Equal(CompletionResultType.ParameterValue, result.ResultType);
    }

    [Theory]
    [InlineData("'it''s", "it's")]
    [InlineData("\"say \"\"h", "say \"hi\"")]
    [InlineData("'it''s'", "it's")]
    public void A_quote_that_was_typed_twice_stands_for_one(string word, string name) =>
        Assert.Equal(name, Assert.Single(Completions.For(word, [(name, null), ("other", null)])).ListItemText);

    [Fact]
    public void What_would_drive_the_terminal_is_visible_in_the_list_and_the_tool_tip()
    {
        CompletionResult result = Assert.Single(Completions.For(null, [("a\u001Bb", "tip\u001B")]));
        Assert.Equal(("'a\u001Bb'", "a␛b", "tip␛"), (result.CompletionText, result.ListItemText, result.ToolTip));
    }

    private string[] Texts(string line, Session? session = null) =>
        Complete(line, session).Select(result => result.CompletionText).ToArray();

    private CompletionResult[] Complete(string line, Session? session = null)
    {
        using PowerShell powerShell = (session ?? _session).Create(string.Empty);
        powerShell.Commands.Clear();
        return CommandCompletion.CompleteInput(line, line.Length, null, powerShell).CompletionMatches.ToArray();
    }

    private static IEnumerable<(string Address, string Interface)> LocalAddresses() =>
        from one in NetworkInterface.GetAllNetworkInterfaces()
        from own in one.GetIPProperties().UnicastAddresses
        select (own.Address.ToString(), one.Name);

    private sealed class OwnAddress(IPAddress address, int prefix) : UnicastIPAddressInformation
    {
        public override IPAddress Address => address;

        public override int PrefixLength => prefix;

        public override IPAddress IPv4Mask => throw new NotSupportedException();

        public override bool IsDnsEligible => false;

        public override bool IsTransient => false;

        public override long AddressPreferredLifetime => 0;

        public override long AddressValidLifetime => 0;

        public override long DhcpLeaseLifetime => 0;

        public override DuplicateAddressDetectionState DuplicateAddressDetectionState => default;

        public override PrefixOrigin PrefixOrigin => default;

        public override SuffixOrigin SuffixOrigin => default;
    }
}
