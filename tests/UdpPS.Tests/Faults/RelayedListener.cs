using System;
using System.Collections.Generic;
using System.Linq;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Faults;

/// <summary>A listener whose acks name the message they answer, behind a bad network, and a session that sends to it.</summary>
internal sealed class RelayedListener : IDisposable
{
    private readonly Session _session = new();
    private readonly List<string> _heard = new();
    private readonly UdpListenerJob _job;

    internal RelayedListener(LinkFaults faults, int seed, string parameters = "")
    {
        _job = _session.StartJob("-AckScript { \"ack $($_.Message)\" } " + parameters);
        Relay = new LossyRelay(_job.LocalPort, faults, seed);
    }

    internal LossyRelay Relay { get; }

    internal UdpListenerStatistics Statistics => _job.Statistics;

    /// <summary>What the listener has emitted so far.</summary>
    internal IReadOnlyList<string> Heard
    {
        get
        {
            _heard.AddRange(_job.Output.ReadAll().Select(value => ((UdpMessage)value.BaseObject).Message));
            return _heard;
        }
    }

    /// <summary>Sends messages that all differ, and waits for every ack.</summary>
    /// <returns>The messages, settled.</returns>
    internal IReadOnlyList<UdpSentMessage> Exchange(int count, string receiving)
    {
        string[] texts = Enumerable.Range(1, count).Select(i => $"message {i} of {count} {new string('x', i % 97)}").ToArray();
        _session["texts"] = texts;
        _session["port"] = Relay.Port;
        var sent = _session.Run<UdpSentMessage>(
            $"$texts | Send-UdpMessage 127.0.0.1 $port | Receive-UdpAck -PassThru {receiving}");
        Assert.Equal(texts.Order(), sent.Select(message => message.Message).Order());
        Assert.All(sent, message => Assert.True(
            message.Status is UdpSendStatus.Acknowledged or UdpSendStatus.NoReply, $"{message}: {message.Status}"));
        Assert.All(sent, message => Assert.Equal(message.Status == UdpSendStatus.Acknowledged, message.Ack is not null));
        return sent;
    }

    /// <summary>An ack names the message it was matched to, and means that the listener has put that message out.</summary>
    internal void AssertAcksAreTrue(IReadOnlyList<UdpSentMessage> sent)
    {
        var heard = Heard.ToHashSet();
        foreach (UdpSentMessage message in Acknowledged(sent))
        {
            Assert.Equal($"ack {message.Message}", message.Ack!.Message);
            Assert.Contains(message.Message, heard);
        }
    }

    internal static IReadOnlyList<UdpSentMessage> Acknowledged(IReadOnlyList<UdpSentMessage> sent) =>
        sent.Where(message => message.Status == UdpSendStatus.Acknowledged).ToList();

    public void Dispose()
    {
        Relay.Dispose();
        _session.Dispose();
    }
}
