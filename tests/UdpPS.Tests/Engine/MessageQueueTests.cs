using System;
using System.Net;
using System.Text;
using System.Threading.Tasks;
using UdpPS.Listening;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Engine;

public sealed class MessageQueueTests
{
    private const int Forever = int.MaxValue;

    [Fact]
    public void Messages_come_out_in_order()
    {
        var queue = new MessageQueue(10);
        for (int i = 1; i <= 3; i++)
        {
            Assert.True(queue.TryAdd(Message(i)));
        }

        var taken = new UdpMessage[10];
        Assert.Equal(3, queue.Take(taken, 10, Forever));
        Assert.Equal([1L, 2L, 3L], [taken[0].Sequence, taken[1].Sequence, taken[2].Sequence]);
    }

    [Fact]
    public void No_more_are_taken_than_asked_for()
    {
        var queue = new MessageQueue(10);
        queue.TryAdd(Message(1));
        queue.TryAdd(Message(2));
        Assert.Equal(1, queue.Take(new UdpMessage[10], 1, Forever));
        Assert.Equal(1, queue.Count);
    }

    [Fact]
    public void A_full_queue_refuses_the_newest()
    {
        var queue = new MessageQueue(2);
        Assert.True(queue.TryAdd(Message(1)));
        Assert.True(queue.TryAdd(Message(2)));
        Assert.False(queue.TryAdd(Message(3)));

        var taken = new UdpMessage[10];
        Assert.Equal(2, queue.Take(taken, 10, Forever));
        Assert.Equal(2, taken[1].Sequence);
    }

    [Fact]
    public void An_empty_queue_gives_nothing_when_the_time_is_up() =>
        Assert.Equal(0, new MessageQueue(1).Take(new UdpMessage[1], 1, 1));

    [Fact]
    public async Task A_waiting_taker_is_woken_by_a_message()
    {
        var queue = new MessageQueue(1);
        Task<int> taker = Task.Run(() => queue.Take(new UdpMessage[1], 1, Forever), TestContext.Current.CancellationToken);
        queue.TryAdd(Message(1));
        Assert.Equal(1, await taker.WaitAsync(Until.Deadline, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Closing_ends_a_wait_and_keeps_what_is_queued()
    {
        var queue = new MessageQueue(2);
        Task<int> taker = Task.Run(() => queue.Take(new UdpMessage[1], 1, Forever), TestContext.Current.CancellationToken);
        queue.Close();
        Assert.Equal(0, await taker.WaitAsync(Until.Deadline, TestContext.Current.CancellationToken));

        var other = new MessageQueue(2);
        other.TryAdd(Message(1));
        other.Close();
        Assert.False(other.TryAdd(Message(2)));
        Assert.Equal(1, other.Take(new UdpMessage[1], 1, Forever));
        Assert.Equal(0, other.Take(new UdpMessage[1], 1, Forever));
    }

    private static UdpMessage Message(long sequence) => new(
        [], new IPEndPoint(IPAddress.Loopback, 1), IPAddress.Loopback, 2, sequence, DateTime.UtcNow, 0, Encoding.UTF8);
}
