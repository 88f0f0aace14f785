using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace UdpPS.Tests.Help;

/// <summary>
/// Moves an example to this machine: 192.168.47.0/24 is 127.0.0.0/8, its broadcast address the one of loopback, its other
/// addresses 127.0.0.1, and each port from 4000 to 4099 one that is free here.
/// </summary>
internal sealed partial class Loopback
{
    // Below those that systems pick for senders.
    private const int FirstPort = 20000;
    private const int LastPort = 29999;

    private readonly Dictionary<string, string> _ports = [];
    private int _next = Random.Shared.Next(FirstPort, LastPort);

    internal string Move(string text) => Port().Replace(MoveAddresses(text), match => PortFor(match.Value));

    internal static string MoveAddresses(string text) => Address().Replace(
        text.Replace("192.168.47.0/24", "127.0.0.0/8").Replace("192.168.47.255", "127.255.255.255"), "127.0.0.1");

    /// <summary>Makes the ports in an output the example's again.</summary>
    internal string Return(string text)
    {
        foreach ((string documented, string actual) in _ports)
        {
            text = Regex.Replace(text, $@"\b{actual}\b", documented);
        }

        return text;
    }

    private string PortFor(string documented)
    {
        if (!_ports.TryGetValue(documented, out string? actual))
        {
            _ports[documented] = actual = FindFree().ToString();
        }

        return actual;
    }

    private int FindFree()
    {
        while (true)
        {
            _next = _next == LastPort ? FirstPort : _next + 1;
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Any, _next));
                return _next;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }
    }

    [GeneratedRegex(@"\b192\.168\.47\.\d+")]
    private static partial Regex Address();

    [GeneratedRegex(@"(?<![\d.:-])40\d\d(?![\d.])")]
    private static partial Regex Port();
}
