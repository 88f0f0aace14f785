using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Peers;

/// <summary>The server and the client that people write after their first UDP tutorial.</summary>
public sealed class PythonPeerTests : IDisposable
{
    // None of these scripts outlives the tests, even when those are killed: every wait for a datagram has a limit.
    private const string Server = """
        import socket

        socket.setdefaulttimeout(60)
        server_socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server_socket.bind(("127.0.0.1", 0))
        print(server_socket.getsockname()[1])

        while True:
            message, client_address = server_socket.recvfrom(1024)
            print(f"Connection from {client_address}")
            print(f"Message from client: {message.decode()}")
            ack_message = "Message received"
            server_socket.sendto(ack_message.encode(), client_address)
            print(f"Acknowledgment sent to {client_address}")
        """;

    private const string ReversingServer = """
        import socket
        import sys

        socket.setdefaulttimeout(60)
        server_socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server_socket.bind(("127.0.0.1", 0))
        print(server_socket.getsockname()[1])

        received = [server_socket.recvfrom(1024) for _ in range(int(sys.argv[1]))]
        for message, client_address in reversed(received):
            server_socket.sendto(b"ack " + message, client_address)
        """;

    private const string Client = """
        import socket
        import sys

        socket.setdefaulttimeout(60)
        client_socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

        while True:
            message = input("Enter message to send to server (type 'exit' to quit): ")
            if message.lower() == 'exit':
                break
            client_socket.sendto(message.encode(), ("127.0.0.1", int(sys.argv[1])))
            response, server_address = client_socket.recvfrom(1024)
            print(f"Server response: {response.decode()}")

        client_socket.close()
        """;

    private const string Response = "Enter message to send to server (type 'exit' to quit): Server response: Message received";

    private readonly Session _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void The_tutorials_server_gets_each_message_and_its_answers_are_acks()
    {
        using PeerProcess server = Run(Server);
        IReadOnlyList<UdpAck> acks = SendTo(server, "'a', 'café'");
        Assert.Equal(["a", "café"], acks.Select(ack => ack.SentMessage));
        Assert.All(acks, ack => Assert.Equal("Message received", ack.Message));
        foreach (string text in new[] { "a", "café" })
        {
            Assert.StartsWith("Connection from ('127.0.0.1', ", server.ReadLine());
            Assert.Equal($"Message from client: {text}", server.ReadLine());
            Assert.StartsWith("Acknowledgment sent to ('127.0.0.1', ", server.ReadLine());
        }
    }

    [Fact]
    public void The_tutorials_client_has_its_messages_acknowledged_one_by_one()
    {
        using var listener = new RunningListener(_session, "Start-UdpListener -Port 0 -Count 3");
        using PeerProcess client = Run(Client, listener.Port);
        foreach (string line in new[] { "hello", "café", " two  spaces ", "exit" })
        {
            client.WriteLine(line);
        }

        Assert.Equal([Response, Response, Response], new[] { client.ReadLine(), client.ReadLine(), client.ReadLine() });
        Assert.Equal(0, client.WaitForExit());
        Assert.Null(listener.WaitForEnd());
        Assert.Equal(["hello", "café", " two  spaces "], listener.Messages.Select(message => message.Message));
        Assert.Single(listener.Messages.Select(message => message.RemotePort).Distinct());
    }

    [Fact]
    public void Each_ack_finds_its_message_when_the_server_answers_in_reverse_order()
    {
        const int Count = 64;
        using PeerProcess server = Run(ReversingServer, Count);
        IReadOnlyList<UdpAck> acks = SendTo(server, $"1..{Count}", $"-ThrottleLimit {Count}");
        Assert.All(acks, ack => Assert.Equal($"ack {ack.SentMessage}", ack.Message));
        Assert.Equal(Count, acks.Select(ack => ack.SentMessage).Distinct().Count());
        Assert.Equal(0, server.WaitForExit());
    }

    [Fact]
    public void A_client_that_dies_before_its_ack_does_not_keep_the_next_one_from_being_answered()
    {
        using var gate = new Gate();
        _session["gate"] = gate;
        using var listener = new RunningListener(
            _session, "Start-UdpListener -Port 0 -Count 2 | ForEach-Object { $gate.Pass(); $_ }");
        using (PeerProcess victim = Run(Client, listener.Port))
        {
            victim.WriteLine("last words");
            Until.True(() => gate.Arrived == 1, "the pipeline holds the message");
            victim.Kill();
        }

        gate.Open();
        using PeerProcess client = Run(Client, listener.Port);
        client.WriteLine("next");
        Assert.Equal(Response, client.ReadLine());
        Assert.Null(listener.WaitForEnd());
        Assert.Equal(["last words", "next"], listener.Messages.Select(message => message.Message));
    }

    private static PeerProcess Run(string script, int? argument = null) =>
        PeerProcess.Start("python3", "-u", "-X", "utf8", "-c", script, $"{argument}");

    /// <summary>Sends to a server that prints its port first.</summary>
    private IReadOnlyList<UdpAck> SendTo(PeerProcess server, string messages, string parameters = "")
    {
        _session["port"] = int.Parse(server.ReadLine(), CultureInfo.InvariantCulture);
        _session["deadline"] = Until.Deadline.TotalSeconds;
        return _session.Run<UdpAck>($$"""
            {{messages}} | Send-UdpMessage -Server 127.0.0.1 -Port $port | Receive-UdpAck -TimeoutSeconds $deadline {{parameters}}
            """);
    }
}
