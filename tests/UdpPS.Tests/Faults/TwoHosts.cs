using System;
using UdpPS.Tests.Peers;
using Xunit;

namespace UdpPS.Tests.Faults;

/// <summary>
/// Two network namespaces with one cable between them, as two machines would have. Nothing else on this machine is touched.
/// </summary>
internal sealed class TwoHosts : IDisposable
{
    // Kept for documentation (RFC 5737), so that they are nobody's.
    internal const string ListenerAddress = "192.0.2.1";
    private const string SenderAddress = "192.0.2.2";

    private const string ListenerLink = "udp-listener";
    private const string SenderLink = "udp-sender";

    private readonly string _listenerHost = NewName();
    private readonly string _senderHost = NewName();

    internal TwoHosts()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
        {
            Assert.Skip("Network namespaces are made on Linux, by root only.");
        }

        if (Run("netns", "add", _listenerHost) is { } refusal)
        {
            Assert.Skip($"No network namespace can be made here. {refusal}");
        }

        try
        {
            Ip("netns", "add", _senderHost);
            Connect();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    internal PeerProcess StartAtListener(string command) => Start(_listenerHost, command);

    internal PeerProcess StartAtSender(string command) => Start(_senderHost, command);

    /// <summary>Switches the listener's interface off: its address stays, but nothing comes or goes.</summary>
    internal void SwitchOff() => Ip("-n", _listenerHost, "link", "set", ListenerLink, "down");

    internal void SwitchOn() => Ip("-n", _listenerHost, "link", "set", ListenerLink, "up");

    /// <summary>Pulls the cable out together with both ends' interfaces, so that not even their addresses are left.</summary>
    internal void Disconnect() => Ip("-n", _listenerHost, "link", "del", ListenerLink);

    internal void Connect()
    {
        Ip("link", "add", ListenerLink, "netns", _listenerHost, "type", "veth", "peer", "name", SenderLink, "netns", _senderHost);
        Address(_listenerHost, ListenerLink, ListenerAddress);
        Address(_senderHost, SenderLink, SenderAddress);
    }

    public void Dispose()
    {
        // The cable goes with its ends. One of them may never have been made, and refuses to go.
        Run("netns", "del", _listenerHost);
        Run("netns", "del", _senderHost);
    }

    private static string NewName() => $"udpps-test-{Guid.NewGuid():N}";

    private static void Address(string host, string link, string address)
    {
        Ip("-n", host, "address", "add", $"{address}/30", "dev", link);
        Ip("-n", host, "link", "set", link, "up");
    }

    private static PeerProcess Start(string host, string command) =>
        Udpps.StartIn(["ip", "netns", "exec", host], command);

    private static void Ip(params string[] arguments) => Assert.Null(Run(arguments));

    /// <returns>What is wrong; null when it is done.</returns>
    private static string? Run(params string[] arguments)
    {
        using PeerProcess ip = PeerProcess.Start("ip", arguments);
        return ip.WaitForExit() == 0 ? null : ip.Complaints();
    }
}
