using System.Collections.Generic;
using System.Linq;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Faults;

/// <summary>
/// A network that duplicates and reorders. A duplicated message is acknowledged twice, and the second ack may be late: it
/// must not be taken for the ack of a later message from the same port.
/// </summary>
public sealed class DuplicationTests
{
    // Where an exchange takes long, enough for the sender to begin to use its ports again.
    private const int Messages = 700;

    [Theory]
    [InlineData(1, 0.05, 0.3)]
    [InlineData(64, 1, 0.3)]
    [InlineData(256, 1, 0.02)]
    public void Every_message_is_acknowledged_and_every_ack_is_true(int throttle, double delay, double duplicate)
    {
        using var listener = new RelayedListener(new LinkFaults { Duplicate = duplicate, Delay = delay }, seed: throttle);
        AssertAllAcknowledged(listener, $"-ThrottleLimit {throttle} -TimeoutSeconds {Until.Deadline.TotalSeconds}");
        Assert.True(listener.Relay.Requests.Delayed > 0 && listener.Relay.Replies.Delayed > 0, "both directions reorder");
    }

    // The first duplicate warns the sender, the fewer there are, the later. Until then its round trips tell of no delay.
    [Theory]
    [InlineData(1, 0.3)]
    [InlineData(64, 0.3)]
    [InlineData(1, 0.002)]
    [InlineData(64, 0.002)]
    public void Second_acks_that_are_late_as_no_first_one_is_are_never_another_messages(int throttle, double duplicate)
    {
        var faults = new LinkFaults { Duplicate = duplicate, Delay = 1, DelaysOnlyDuplicates = true };
        using var listener = new RelayedListener(faults, seed: throttle);
        AssertAllAcknowledged(listener, $"-ThrottleLimit {throttle} -TimeoutSeconds {Until.Deadline.TotalSeconds}");
    }

    [Fact]
    public void Messages_that_were_sent_again_too_early_are_answered_twice_and_every_ack_is_true()
    {
        using var listener = new RelayedListener(new LinkFaults { Duplicate = 0.3, Delay = 0.5 }, seed: 7);
        IReadOnlyList<UdpSentMessage> sent = AssertAllAcknowledged(
            listener, "-ThrottleLimit 64 -TimeoutSeconds 0.05 -MaximumRetryCount 6");
        Assert.Contains(sent, message => message.Attempts > 1);
    }

    [Fact]
    public void Within_the_duplicate_window_each_message_is_put_out_once_and_all_are_acknowledged()
    {
        var faults = new LinkFaults { Drop = 0.05, Duplicate = 0.3, Delay = 0.5 };
        using var listener = new RelayedListener(faults, seed: 60, "-DuplicateWindowSeconds 60");
        AssertAllAcknowledged(listener, "-ThrottleLimit 64 -TimeoutSeconds 0.1 -MaximumRetryCount 5");
        Until.True(() => listener.Statistics.Received >= listener.Relay.Requests.Passed, "the last duplicates are in");
        Assert.Equal(Messages, listener.Heard.Count);
        Assert.Equal(Messages, listener.Heard.Distinct().Count());
        Assert.Equal(listener.Statistics.Received - Messages, listener.Statistics.Duplicates);
    }

    private static IReadOnlyList<UdpSentMessage> AssertAllAcknowledged(RelayedListener listener, string receiving)
    {
        IReadOnlyList<UdpSentMessage> sent = listener.Exchange(Messages, receiving);
        listener.AssertAcksAreTrue(sent);
        Assert.Equal(Messages, RelayedListener.Acknowledged(sent).Count);
        return sent;
    }
}
