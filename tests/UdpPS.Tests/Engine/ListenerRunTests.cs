using System;
using System.Net;
using UdpPS.Listening;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Engine;

public sealed class ListenerRunTests : IDisposable
{
    private readonly UdpListener _listener = UdpListener.Open(new ListenerOptions { LocalAddress = IPAddress.Loopback });
    private readonly RawSocket _peer = new();
    private readonly Consumer _consumer = new();

    public void Dispose()
    {
        _listener.Dispose();
        _peer.Dispose();
    }

    [Fact]
    public void One_that_reaches_its_limit_is_closed_and_knows_what_it_left()
    {
        _peer.SendTo(_listener.LocalPort, "a");
        _peer.SendTo(_listener.LocalPort, "b");
        ListenerRun run = Start(count: 1);
        Assert.Equal(ListenerEnd.Completed, run.Run(() => false));
        Assert.Equal(1, _consumer.Delivered);
        Assert.Equal(1, run.Undelivered);
        Ports.AssertFree(_listener.LocalPort);
    }

    [Fact]
    public void One_that_ends_unasked_has_failed()
    {
        ListenerRun run = Start();
        BrokenSocket.Break(_listener.LocalPort);
        Assert.Equal(ListenerEnd.Failed, run.Run(() => false));
        Assert.NotNull(_listener.Failure);
    }

    [Fact]
    public void One_that_was_asked_to_end_has_not()
    {
        ListenerRun run = Start();
        _listener.Stop();
        Assert.Equal(ListenerEnd.Stopped, run.Run(() => true));
    }

    [Fact]
    public void Nor_has_one_that_is_asked_while_it_ends_by_itself()
    {
        _peer.SendTo(_listener.LocalPort, "a");
        ListenerEnd end = Start(count: 1).Run(() =>
        {
            _listener.Stop();
            return false;
        });
        Assert.Equal(ListenerEnd.Completed, end);
    }

    private ListenerRun Start(long count = 0)
    {
        _listener.Start();
        return new ListenerRun(_listener, _consumer, new DeliveryLimits(count, 0, 0));
    }

    private sealed class Consumer : IMessageConsumer
    {
        internal int Delivered { get; private set; }

        public bool ReportsAllOutcomes => false;

        public void Deliver(UdpMessage message) => Delivered++;

        public bool CountsAsDelivered(Exception endOfDelivery) => false;

        public bool TryCreateAck(UdpMessage message, out byte[]? ack)
        {
            ack = null;
            return true;
        }

        public void OnOutputFull()
        {
        }

        public void OnAcknowledged(in AckOutcome outcome)
        {
        }
    }
}
