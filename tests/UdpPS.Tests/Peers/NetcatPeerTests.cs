using System;
using System.Collections.Generic;
using System.Linq;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Peers;

/// <summary>The tool that administrators try first, in its two common breeds.</summary>
public sealed class NetcatPeerTests : IDisposable
{
    private const string Ack = "Message received";

    private readonly Session _session = new();

    public void Dispose() => _session.Dispose();

    // The option is each one's limit for silence: it ends even when the tests were killed.
    [Theory]
    [InlineData("nc", "-w")]
    [InlineData("ncat", "-i")]
    public void Lines_typed_into_netcat_are_messages_and_it_shows_their_acks(string program, string idleOption)
    {
        UdpListenerJob job = _session.StartJob("-Count 2");
        using PeerProcess client = PeerProcess.Start(program, "-u", idleOption, "60", "127.0.0.1", $"{job.LocalPort}");
        foreach (string line in new[] { "hi", "café" })
        {
            client.WriteLine(line);
            Assert.Equal(Ack, client.Read(Ack.Length));
        }

        _session["job"] = job;
        IReadOnlyList<UdpMessage> messages = _session.Run<UdpMessage>("Receive-Job $job -Wait");
        Assert.Equal(["hi\n", "café\n"], messages.Select(message => message.Message));
        Assert.Single(messages.Select(message => message.RemotePort).Distinct());
        Assert.Equal(2, job.Statistics.Acknowledged);
    }

    [Fact]
    public void What_ncat_sends_back_is_the_ack()
    {
        using EchoServer server = EchoServer.Start(
            _session, "ncat", port => ["-u", "-l", "127.0.0.1", $"{port}", "--keep-open", "--exec", "/bin/cat"]);
        _session["port"] = server.Port;

        // It opens its port anew after each client, so it may miss a message.
        IReadOnlyList<UdpAck> acks = _session.Run<UdpAck>("""
            'hi', 'café' | Send-UdpMessage -Server 127.0.0.1 -Port $port | Receive-UdpAck -TimeoutSeconds 1 -MaximumRetryCount 5
            """);
        Assert.Equal(["hi: hi", "café: café"], acks.Select(ack => $"{ack.SentMessage}: {ack.Message}"));
    }
}
