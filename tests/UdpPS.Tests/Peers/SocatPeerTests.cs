using System;
using System.Collections.Generic;
using System.Linq;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Peers;

/// <summary>The relay that scripts use.</summary>
public sealed class SocatPeerTests : IDisposable
{
    private const string Ack = "Message received";

    private readonly Session _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Lines_typed_into_socat_are_messages_and_it_shows_their_acks()
    {
        UdpListenerJob job = _session.StartJob("-Count 2");
        using PeerProcess client = PeerProcess.Start("socat", "-t", "0.1", "-", $"UDP4:127.0.0.1:{job.LocalPort}");
        foreach (string line in new[] { "hi", "café" })
        {
            client.WriteLine(line);
            Assert.Equal(Ack, client.Read(Ack.Length));
        }

        client.CloseInput();
        Assert.Empty(client.ReadToEnd());
        Assert.Equal(0, client.WaitForExit());
        _session["job"] = job;
        IReadOnlyList<UdpMessage> messages = _session.Run<UdpMessage>("Receive-Job $job -Wait");
        Assert.Equal(["hi\n", "café\n"], messages.Select(message => message.Message));
        Assert.Equal(2, job.Statistics.Acknowledged);
    }

    [Fact]
    public void What_socat_sends_back_is_the_ack()
    {
        using EchoServer server = EchoServer.Start(
            _session, "socat", port => ["-t", "60", $"UDP4-RECVFROM:{port},bind=127.0.0.1,fork", "EXEC:cat"]);
        _session["port"] = server.Port;
        IReadOnlyList<UdpAck> acks = _session.Run<UdpAck>("""
            1..8 | Send-UdpMessage -Server 127.0.0.1 -Port $port | Receive-UdpAck -TimeoutSeconds 60 -ThrottleLimit 8
            """);
        Assert.Equal(
            Enumerable.Range(1, 8).Select(i => $"{i}: {i}"),
            acks.Select(ack => $"{ack.SentMessage}: {ack.Message}").Order());
    }
}
