using System;
using System.Net;
using System.Net.Sockets;
using UdpPS.Commands;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Faults;

/// <summary>
/// Peers that answer acks. Without rules one datagram would keep both ends busy for ever, and its sender's address is easily
/// forged.
/// </summary>
public sealed class LoopTests : IDisposable
{
    private const int FewerAcksThan = 20;

    private const int Probes = 100;

    // A machine that is held up between two steps makes a loop look like two.
    private const int MaximumRuns = 5;

    private readonly Session _session = new();
    private readonly RawSocket _probe = new();

    public void Dispose()
    {
        _probe.Dispose();
        _session.Dispose();
    }

    [Fact]
    public void One_forged_datagram_between_two_listeners_with_different_acks_dies_away() =>
        AssertDiesAway(CountAcksBetweenListeners);

    [Fact]
    public void A_peer_that_sends_every_ack_back_gets_one() => Assert.Equal(1, CountAcksToEcho(ack => ack));

    [Fact]
    public void A_peer_that_answers_every_ack_with_the_same_text_is_given_up_on() =>
        AssertDiesAway(() => CountAcksToEcho(_ => "echo: x"));

    [Fact]
    public void A_datagram_in_the_listeners_own_name_is_put_out_and_not_acknowledged()
    {
        UdpListenerJob job = _session.StartJob("-ReuseAddress");
        using (Socket forger = BindAlso(IPAddress.Any, job.LocalPort))
        {
            // Bound less exactly than the listener, it gets nothing of what is sent to the port.
            forger.SendTo("x"u8, new IPEndPoint(IPAddress.Loopback, job.LocalPort));
            Until.True(() => job.Statistics.SuppressedAcks + job.Statistics.Acknowledged > 0, "the datagram is judged");
        }

        UdpMessage message = Assert.IsType<UdpMessage>(Assert.Single(job.Output).BaseObject);
        Assert.Equal(job.LocalPort, message.RemotePort);
        Assert.Equal(0, job.Statistics.Acknowledged);
        Assert.Equal(1, job.Statistics.SuppressedAcks);
    }

    private static void AssertDiesAway(Func<int> countAcks)
    {
        int fewest = int.MaxValue;
        for (int run = 0; run < MaximumRuns && fewest >= FewerAcksThan; run++)
        {
            fewest = Math.Min(fewest, countAcks());
        }

        Assert.InRange(fewest, 1, FewerAcksThan - 1);
    }

    private int CountAcksToEcho(Func<string, string> answer)
    {
        UdpListenerJob job = _session.StartJob();
        using var echo = new EchoPeer(job.LocalPort, answer);
        Until.True(() => echo.Answered > 0, "the peer has its first ack");
        return AcksAfterProbes(job);
    }

    private int CountAcksBetweenListeners()
    {
        using var gate = new Gate();
        using var receiving = new Session();
        receiving["gate"] = gate;
        using var first = new RunningListener(
            receiving, "Start-UdpListener -Port 0 -AckMessage first | ForEach-Object { $gate.Pass() }");
        UdpListenerJob second = _session.StartJob("-ReuseAddress -AckMessage second");

        // The gate holds the ack back until the forger is gone, who might get it in the second listener's place.
        using (Socket forger = BindAlso(IPAddress.Loopback, second.LocalPort))
        {
            forger.SendTo("x"u8, new IPEndPoint(IPAddress.Loopback, first.Port));
            Until.True(() => gate.Arrived == 1, "the first listener has the forged datagram");
        }

        gate.Open();
        Until.True(() => second.Statistics.Received > 0, "the second listener has the first one's ack");
        int sentBySecond = AcksAfterProbes(second);
        int sentByFirst = (int)second.Statistics.Received - Probes;
        return sentByFirst + sentBySecond;
    }

    /// <summary>
    /// Exchanges messages with a listener. Each waits its turn behind a loop's, and so a loop has gone on for as many steps
    /// when they are all answered.
    /// </summary>
    private int AcksAfterProbes(UdpListenerJob job)
    {
        for (int i = 0; i < Probes; i++)
        {
            _probe.SendTo(job.LocalPort, $"probe {i}");
            _probe.ReceiveBytes(out _);
        }

        // An ack is counted after it left.
        Until.True(() => IsAtRest(job.Statistics), "every message is judged");
        return (int)job.Statistics.Acknowledged - Probes;
    }

    private static bool IsAtRest(UdpListenerStatistics counted) =>
        counted.Received == counted.Acknowledged + counted.SuppressedAcks;

    private static Socket BindAlso(IPAddress address, int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        socket.Bind(new IPEndPoint(address, port));
        return socket;
    }
}
