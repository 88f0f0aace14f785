using System.Collections.Generic;
using System.Linq;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Faults;

/// <summary>
/// A network that spoils bytes and hides it. UDP has no more than a weak checksum, and neither end can tell: both have to
/// live with what arrives.
/// </summary>
public sealed class CorruptionTests
{
    [Fact]
    public void Spoiled_messages_and_acks_are_taken_as_they_come_and_the_counts_add_up()
    {
        const int Count = 600;
        using var listener = new RelayedListener(new LinkFaults { Corrupt = 0.3, Drop = 0.05 }, seed: 3);
        IReadOnlyList<UdpSentMessage> sent = listener.Exchange(
            Count, "-TimeoutSeconds 0.1 -MaximumRetryCount 8 -ThrottleLimit 64");
        Assert.Equal(Count, RelayedListener.Acknowledged(sent).Count);

        FaultyLink requests = listener.Relay.Requests;
        Until.True(() => listener.Statistics.Acknowledged == requests.Passed, "every message that arrived is answered");
        Assert.Equal(requests.Passed, listener.Statistics.Received);
        Assert.Equal(requests.Passed, listener.Heard.Count);
        var texts = sent.Select(message => message.Message).ToHashSet();
        Assert.InRange(listener.Heard.Count(text => !texts.Contains(text)), 1, requests.Corrupted);

        int untrue = sent.Count(message => message.Ack!.Message != $"ack {message.Message}");
        Assert.InRange(untrue, 1, requests.Corrupted + listener.Relay.Replies.Corrupted);
    }
}
