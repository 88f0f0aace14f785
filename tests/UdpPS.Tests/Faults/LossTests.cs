using System.Collections.Generic;
using Xunit;

namespace UdpPS.Tests.Faults;

/// <summary>A network that loses datagrams, messages and acks alike.</summary>
public sealed class LossTests
{
    // Without retries 81, 49 and 25 % would be acknowledged; with them, all, 98 and 76 % on average. All are in flight at once, so that
    // those which fail wait together.
    [Theory]
    [InlineData(0.1, 8, 300)]
    [InlineData(0.3, 5, 270)]
    [InlineData(0.5, 4, 180)]
    public void Retries_make_up_for_loss_and_every_ack_is_true(double loss, int retries, int least)
    {
        using var listener = new RelayedListener(new LinkFaults { Drop = loss }, seed: retries);
        IReadOnlyList<UdpSentMessage> sent = listener.Exchange(
            300, $"-TimeoutSeconds 0.05 -MaximumRetryCount {retries} -ThrottleLimit 300");
        listener.AssertAcksAreTrue(sent);
        Assert.InRange(RelayedListener.Acknowledged(sent).Count, least, sent.Count);
        Assert.All(sent, message => Assert.InRange(message.Attempts, 1, retries + 1));
        Assert.Contains(RelayedListener.Acknowledged(sent), message => message.Attempts > 1);
        Assert.True(listener.Relay.Requests.Dropped > 0 && listener.Relay.Replies.Dropped > 0, "both directions lose");
    }
}
