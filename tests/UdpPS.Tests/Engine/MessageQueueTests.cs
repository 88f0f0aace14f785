using System;
using System.Linq;
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
        var queue = new MessageQueue();
        Add(queue, 1, 2);
        Add(queue, 3);

        var taken = new UdpMessage[10];
        Assert.Equal(3, queue.Take(taken, 10, Forever));
        Assert.Equal([1L, 2L, 3L], [taken[0].Sequence, taken[1].Sequence, taken[2].Sequence]);
    }

    [Fact]
    public void No_more_are_taken_than_asked_for()
    {
        var queue = new MessageQueue();
        Add(queue, 1, 2);
        Assert.Equal(1, queue.Take(new UdpMessage[10], 1, Forever));
        Assert.Equal(1, queue.Count);
    }

    [Fact]
    public void An_empty_queue_gives_nothing_when_the_time_is_up()
    {
        var queue = new MessageQueue();
        queue.BeginFeeding();
        Assert.Equal(0, queue.Take(new UdpMessage[1], 1, 1));
    }

    [Fact]
    public void Nobody_waits_for_messages_that_nobody_adds()
    {
        var queue = new MessageQueue();
        Assert.Equal(0, queue.Take(new UdpMessage[1], 1, Forever));
    }

    [Fact]
    public async Task A_waiting_taker_gives_up_when_nobody_adds_any_more()
    {
        var queue = new MessageQueue();
        queue.BeginFeeding();
        Task<int> taker = Take(queue);
        Until.True(() => queue.IsTakerIdle, "the taker waits");
        queue.EndFeeding();
        Assert.Equal(0, await taker.WaitAsync(Until.Deadline, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_taker_is_idle_only_while_it_waits_for_nothing_that_is_there()
    {
        var queue = new MessageQueue();
        queue.BeginFeeding();
        Assert.False(queue.IsTakerIdle);
        Task<int> taker = Take(queue);
        Until.True(() => queue.IsTakerIdle, "the taker waits");
        Add(queue, 1);
        await taker.WaitAsync(Until.Deadline, TestContext.Current.CancellationToken);
        Assert.False(queue.IsTakerIdle);
    }

    [Fact]
    public async Task A_waiting_taker_is_woken_by_a_message()
    {
        var queue = new MessageQueue();
        queue.BeginFeeding();
        Task<int> taker = Take(queue);
        Add(queue, 1);
        Assert.Equal(1, await taker.WaitAsync(Until.Deadline, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Closing_ends_a_wait_and_keeps_what_is_queued()
    {
        var queue = new MessageQueue();
        queue.BeginFeeding();
        Task<int> taker = Take(queue);
        queue.Close();
        Assert.Equal(0, await taker.WaitAsync(Until.Deadline, TestContext.Current.CancellationToken));

        var other = new MessageQueue();
        Add(other, 1);
        other.Close();
        Assert.False(other.TryAdd([Message(2)], 1));
        Assert.Equal(1, other.Take(new UdpMessage[1], 1, Forever));
        Assert.Equal(0, other.Take(new UdpMessage[1], 1, Forever));
    }

    private static Task<int> Take(MessageQueue queue) =>
        Task.Run(() => queue.Take(new UdpMessage[1], 1, Forever), TestContext.Current.CancellationToken);

    private static void Add(MessageQueue queue, params long[] sequence) =>
        Assert.True(queue.TryAdd([.. sequence.Select(Message)], sequence.Length));

    private static UdpMessage Message(long sequence) => new(
        [], new IPEndPoint(IPAddress.Loopback, 1), IPAddress.Loopback, 2, sequence, DateTime.UtcNow, 0, Encoding.UTF8);
}
