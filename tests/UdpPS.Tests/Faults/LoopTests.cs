using System;
using System.Net;
using System.Net.Sockets;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Faults;

/// <summary>
/// Peers that send acks back, or claim to be the listener. Loops between two listeners are tested over addresses that are not
/// loopback, by tests/Pester.
/// </summary>
public sealed class LoopTests : IDisposable
{
    private const int Probes = 100;

    private readonly Session _session = new();
    private readonly RawSocket _probe = new();

    public void Dispose()
    {
        _probe.Dispose();
        _session.Dispose();
    }

    [Fact]
    public void A_peer_that_sends_every_ack_back_gets_one() => Assert.Equal(1, CountAcksToEcho(ack => ack));

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

    private int CountAcksToEcho(Func<string, string> answer)
    {
        UdpListenerJob job = _session.StartJob();
        using var echo = new EchoPeer(job.LocalPort, answer);
        Until.True(() => echo.Answered > 0, "the peer has its first ack");
        return AcksAfterProbes(job);
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
