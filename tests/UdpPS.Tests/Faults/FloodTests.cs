using System;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using UdpPS.Listening;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Faults;

/// <summary>Random datagrams of every length, as fast as they can be sent, from many sockets.</summary>
public sealed class FloodTests : IDisposable
{
    private const int Datagrams = 200_000;
    private const int WarmUp = 20_000;
    private const int Sockets = 200;
    private const int MaximumLength = 65507;

    // One in so many is of any length, the others are as short as most datagrams are.
    private const int LongOneIn = 50;
    private const int ShortLength = 200;

    // Far less than the flood's payloads, some 400 MB, and more than caches that have filled up in the meantime.
    private const long MaximumGrowth = 16 * 1024 * 1024;

    private readonly Random _random = new(200);
    private readonly RawSocket[] _sockets = Enumerable.Range(0, Sockets).Select(_ => new RawSocket()).ToArray();
    private readonly byte[] _noise = new byte[2 * MaximumLength];

    public FloodTests() => _random.NextBytes(_noise);

    public void Dispose()
    {
        foreach (RawSocket socket in _sockets)
        {
            socket.Dispose();
        }
    }

    [Fact]
    public async Task The_listener_lives_every_datagram_is_counted_and_memory_does_not_grow()
    {
        using UdpListener listener = UdpListener.Open(new ListenerOptions { LocalAddress = IPAddress.Loopback });
        var consumer = new Consumer();

        // More than the socket has room for while nobody reads it.
        Send(listener, WarmUp);
        listener.Start();
        Task delivery = Task.Factory.StartNew(
            () => new DeliveryLoop(listener, consumer, default).Run(() => true),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

        WaitUntilCounted(listener, WarmUp);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        Send(listener, Datagrams - WarmUp);
        WaitUntilCounted(listener, Datagrams);
        long growth = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(growth < MaximumGrowth, $"{growth / 1e6:0.0} MB more");

        UdpListenerStatistics counted = listener.GetStatistics();
        Assert.Equal(counted.Received, consumer.Delivered);
        Assert.Equal(0, counted.Denied + counted.Duplicates);
        Assert.True(!OperatingSystem.IsLinux() || counted.Dropped > 0, "the socket had no room for some");

        using var probe = new RawSocket();
        probe.SendTo(listener.LocalPort, "alive?");
        Assert.Equal("alive", probe.Receive());
        listener.Stop();
        await delivery;
        Assert.Null(listener.Failure);
    }

    private void Send(UdpListener listener, int count)
    {
        var target = new IPEndPoint(IPAddress.Loopback, listener.LocalPort);
        for (int i = 0; i < count; i++)
        {
            int length = _random.Next(LongOneIn) == 0 ? _random.Next(MaximumLength + 1) : _random.Next(ShortLength);
            ReadOnlySpan<byte> payload = _noise.AsSpan(_random.Next(MaximumLength), length);
            _sockets[_random.Next(Sockets)].Socket.SendTo(payload, SocketFlags.None, target);
        }
    }

    // Only Linux tells how many datagrams its buffer had no room for.
    private static void WaitUntilCounted(UdpListener listener, int sent) => Until.True(
        () =>
        {
            UdpListenerStatistics counted = listener.GetStatistics();
            bool isDelivered = counted.Delivered == counted.Received && listener.Untaken == 0;
            bool isJudged = counted.Delivered == counted.Acknowledged + counted.SuppressedAcks + counted.Errors;
            return isDelivered && isJudged && (!OperatingSystem.IsLinux() || counted.Received + counted.Dropped + counted.Denied == sent);
        },
        $"{sent} datagrams are received, dropped or denied: {listener.GetStatistics().Received}");

    private sealed class Consumer : IMessageConsumer
    {
        private long _delivered;

        internal long Delivered => Interlocked.Read(ref _delivered);

        public bool ReportsAllOutcomes => false;

        public void Deliver(UdpMessage message) => Interlocked.Increment(ref _delivered);

        public bool CountsAsDelivered(Exception endOfDelivery) => false;

        public bool TryCreateAck(UdpMessage message, out byte[]? ack)
        {
            ack = "alive"u8.ToArray();
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
