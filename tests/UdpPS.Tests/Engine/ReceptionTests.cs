using System;
using System.Net.Sockets;
using UdpPS.Listening;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Engine;

public sealed class ReceptionTests : IDisposable
{
    private readonly FakeSocket _socket = new() { ReceiveError = SocketError.OperationAborted };
    private readonly ListenerCounters _counters = new();
    private readonly Reception _reception;

    public ReceptionTests() => _reception = new Reception(new ListenerOptions(), _socket, _counters, new Backlog(1));

    public void Dispose() => _socket.Dispose();

    [Fact]
    public void An_error_of_the_socket_is_counted_and_kept()
    {
        Assert.Equal(0, Receive());
        Assert.Equal(1, _counters.Errors.Value);
        Assert.Equal(SocketError.OperationAborted, _reception.LastError?.SocketErrorCode);
    }

    [Fact]
    public void A_socket_that_only_fails_is_given_up()
    {
        for (int i = 0; i < 100; i++)
        {
            Receive();
        }

        Assert.Throws<SocketException>(() => Receive());
    }

    // Each is one that a peer caused by not being there, and it is read once.
    [Theory]
    [InlineData(SocketError.ConnectionReset)]
    [InlineData(SocketError.NetworkReset)]
    public void One_that_reads_ICMP_errors_is_not_however_many_there_are(SocketError error)
    {
        _socket.ReceiveError = error;
        for (int i = 0; i < 300; i++)
        {
            Receive();
        }

        Assert.Equal(300, _counters.Errors.Value);
        Assert.Null(_reception.LastError);
    }

    // On Windows a wait ends like this when the socket is closed under it.
    [Fact]
    public void Once_it_is_stopping_an_error_is_none()
    {
        _counters.BeginStop();
        Assert.Equal(0, Receive());
        Assert.Equal(0, _counters.Errors.Value);
        Assert.Null(_reception.LastError);
    }

    private int Receive() => _reception.Receive(new UdpMessage[1], 1, timeoutMilliseconds: 0);
}
