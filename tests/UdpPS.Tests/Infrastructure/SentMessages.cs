using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Text;
using UdpPS.Sending;
using UdpPS.Sockets;
using Xunit;

namespace UdpPS.Tests.Infrastructure;

/// <summary>Messages of the sending engine, and the collecting of their acks.</summary>
internal static class SentMessages
{
    internal static SenderResources Resources(int firstPort, int ports) =>
        new(SocketFactory.Default, new FreePorts(Enumerable.Range(firstPort, ports).ToArray()), int.MaxValue);

    internal static UdpSentMessage New(string text, IPEndPoint to) =>
        new("127.0.0.1", to, Encoding.UTF8.GetBytes(text), text, Encoding.UTF8);

    internal static UdpSentMessage Send(UdpSender sender, string text, IPEndPoint to)
    {
        UdpSentMessage message = New(text, to);
        sender.Send(message);
        return message;
    }

    internal static AckCollector Collector(
        double timeout = 30, int retries = 0, bool collectAll = false, IPeerSocketFactory? factory = null) =>
        new(new RetrySchedule(timeout, retries, new Random(1)), collectAll, Encoding.UTF8, factory ?? SocketFactory.Default);

    internal static List<AckEvent> Collect(IReadOnlyList<UdpSentMessage> messages, double timeout = 30, int retries = 0)
    {
        using AckCollector collector = Collector(timeout, retries);
        foreach (UdpSentMessage message in messages)
        {
            collector.Add(message);
        }

        return Drain(collector);
    }

    internal static List<AckEvent> Drain(AckCollector collector)
    {
        var events = new List<AckEvent>();
        do
        {
            while (collector.TryTake(out AckEvent next))
            {
                events.Add(next);
            }

            collector.Wait(TestContext.Current.CancellationToken);
        }
        while (collector.HasEvents || collector.InFlight > 0);

        return events;
    }
}
