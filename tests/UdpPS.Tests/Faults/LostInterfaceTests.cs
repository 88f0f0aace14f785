using System;
using System.Collections.Generic;
using System.Linq;
using UdpPS.Tests.Peers;
using Xunit;

namespace UdpPS.Tests.Faults;

/// <summary>A network interface that goes away and comes back, under a listener and a sender that have sockets open.</summary>
public sealed class LostInterfaceTests : IDisposable
{
    private const int BatchLength = 20;

    private readonly TwoHosts _hosts = new();

    public void Dispose() => _hosts.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Retries_carry_on_when_the_network_is_back_and_the_listener_has_survived(bool isTakenOut)
    {
        // Here every port is free, and nobody else can be met.
        using PeerProcess listener = _hosts.StartAtListener(
            $"Start-UdpListener -LocalAddress {TwoHosts.ListenerAddress} | ForEach-Object {{ }}");
        using PeerProcess sender = StartSender("-TimeoutSeconds 0.2 -MaximumRetryCount 8");
        using PeerProcess impatient = StartSender("-TimeoutSeconds 0.5");
        Assert.Equal($"UDP listener up on {TwoHosts.ListenerAddress}:4010", listener.ReadLine());
        Send(sender, "before");
        Assert.All(ReadResults(sender), result => Assert.StartsWith("Acknowledged ", result));

        _hosts.SwitchOff();
        Send(sender, "in vain at first");
        Send(impatient, "in vain");
        if (isTakenOut)
        {
            _hosts.Disconnect();
        }

        // Once these have given up, the others have tried again, and failed.
        Assert.All(ReadResults(impatient), result => Assert.False(result.StartsWith("Acknowledged ", StringComparison.Ordinal)));
        if (isTakenOut)
        {
            _hosts.Connect();
        }
        else
        {
            _hosts.SwitchOn();
        }

        IReadOnlyList<string> results = ReadResults(sender);
        Assert.All(results, result => Assert.StartsWith("Acknowledged ", result));
        Assert.All(results, result => Assert.NotEqual("Acknowledged 1", result));
        Send(sender, "after");
        Assert.All(ReadResults(sender), result => Assert.StartsWith("Acknowledged ", result));
        Assert.False(listener.HasExited, "the listener is still there");
    }

    /// <summary>Starts a sender that sends a batch of messages for each line that it is given.</summary>
    private PeerProcess StartSender(string receiving) => _hosts.StartAtSender($$"""
        while ($line = [Console]::In.ReadLine()) {
            $sent = 1..{{BatchLength}} | ForEach-Object { "$line $_" | Send-UdpMessage {{TwoHosts.ListenerAddress}} }
            "$($sent.Count) sent"
            $sent | Receive-UdpAck -PassThru -ThrottleLimit {{BatchLength}} {{receiving}} |
                ForEach-Object { "$($_.Status) $($_.Attempts)" }
        }
        """);

    // Each message is sent by a command of its own, and so from a port of its own.
    private static void Send(PeerProcess sender, string text)
    {
        sender.WriteLine(text);
        Assert.Equal($"{BatchLength} sent", sender.ReadLine());
    }

    private static IReadOnlyList<string> ReadResults(PeerProcess sender) =>
        Enumerable.Range(0, BatchLength).Select(_ => sender.ReadLine()).ToList();
}
