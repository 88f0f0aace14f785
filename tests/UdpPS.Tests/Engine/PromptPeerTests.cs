using System;
using System.Diagnostics;
using System.Net;
using System.Text;
using UdpPS.Sending;
using Xunit;

namespace UdpPS.Tests.Engine;

/// <summary>When it pays to look for an answer again and again.</summary>
public sealed class PromptPeerTests
{
    private static readonly IPEndPoint Remote = new(IPAddress.Loopback, 4010);

    private readonly PromptPeer _peer = new();

    [Fact]
    public void Nobody_is_taken_for_prompt_who_has_not_shown_it() => Assert.Equal(0, _peer.Patience);

    [Fact]
    public void A_quick_answer_earns_a_patience_that_is_short()
    {
        if (Environment.ProcessorCount == 1)
        {
            Assert.Skip("There is no processor to spare.");
        }

        _peer.Note(Answered(0.00003));
        Assert.InRange(_peer.Patience, 1, Stopwatch.Frequency / 10_000);
    }

    [Fact]
    public void A_slow_answer_loses_it()
    {
        _peer.Note(Answered(0.00003));
        _peer.Note(Answered(0.01));
        Assert.Equal(0, _peer.Patience);
    }

    [Fact]
    public void Silence_loses_it()
    {
        _peer.Note(Answered(0.00003));
        _peer.Note(NewMessage());
        Assert.Equal(0, _peer.Patience);
    }

    [Fact]
    public void An_answer_of_unknown_age_shows_nothing()
    {
        _peer.Note(Answered(0.00003, isTimed: false));
        Assert.Equal(0, _peer.Patience);
    }

    private static UdpSentMessage Answered(double seconds, bool isTimed = true)
    {
        UdpSentMessage message = NewMessage();
        message.Attempts = 1;
        message.LastSentTimestamp = Stopwatch.GetTimestamp();
        long arrived = message.LastSentTimestamp + (long)(seconds * Stopwatch.Frequency);
        message.Reply = new UdpReply([], Remote, DateTime.UtcNow, arrived, isTimed);
        return message;
    }

    private static UdpSentMessage NewMessage() => new("127.0.0.1", Remote, [], string.Empty, Encoding.UTF8);
}
