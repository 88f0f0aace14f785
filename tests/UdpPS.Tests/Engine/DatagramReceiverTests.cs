using System;
using System.Net.Sockets;
using UdpPS.Listening;
using UdpPS.Sockets;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Engine;

public sealed class DatagramReceiverTests : IDisposable
{
    private readonly FakeListenerSocket _socket = new() { ReceiveError = SocketError.OperationAborted };
    private readonly ListenerCounters _counters = new();
    private readonly DatagramReceiver _receiver;

    public DatagramReceiverTests() => _receiver = new DatagramReceiver(
        new ListenerOptions(), _socket, _counters, new AckSender(new ListenerOptions(), _socket, _counters, LocalAddresses.OfMachine));

    public void Dispose() => _socket.Dispose();

    [Fact]
    public void An_error_of_the_socket_is_counted_and_kept()
    {
        Assert.Null(Take());
        Assert.Equal(1, _counters.Errors.Value);
        Assert.Equal(SocketError.OperationAborted, _receiver.LastError?.SocketErrorCode);
    }

    [Fact]
    public void A_socket_that_only_fails_is_given_up()
    {
        for (int i = 0; i < 100; i++)
        {
            Take();
        }

        Assert.Throws<SocketException>(Take);
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
            Take();
        }

        Assert.Equal(300, _counters.Errors.Value);
        Assert.Null(_receiver.LastError);
    }

    // On Windows a wait ends like this when the socket is closed under it.
    [Fact]
    public void Once_it_is_stopping_an_error_is_none()
    {
        _counters.BeginStop();
        Assert.Null(Take());
        Assert.Equal(0, _counters.Errors.Value);
        Assert.Null(_receiver.LastError);
    }

    // One look at the socket.
    private UdpMessage? Take() => _receiver.Take(Deadline.After(0));
}
