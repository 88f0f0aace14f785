using System;
using System.Net;
using System.Text;
using UdpPS.Sending;
using UdpPS.Sockets;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Engine;

/// <summary>Each property of what the cmdlets emit. No two values are the same, so that properties that are swapped show.</summary>
public sealed class OutputObjectTests
{
    private static readonly DateTime Time = new(2026, 7, 20, 10, 11, 12, DateTimeKind.Utc);

    [Fact]
    public void A_message_tells_who_sent_what_to_where()
    {
        var message = new UdpMessage(
            "é\u001B"u8.ToArray(), IPEndPoint.Parse("192.0.2.1:5000"), IPAddress.Parse("192.0.2.2"), 4020, 7, Time, 0, Encoding.UTF8);
        Assert.Equal(
            ("192.0.2.1", 5000, "192.0.2.2", 4020, "é\u001B", 3, 7, Time.ToLocalTime(), DateTimeKind.Local, "é\u241B"),
            (message.RemoteAddress, message.RemotePort, message.LocalAddress, message.LocalPort, message.Message, message.Length,
                message.Sequence, message.ReceivedAt, message.ReceivedAt.Kind, message.ToString()));
    }

    [Fact]
    public void An_ack_tells_who_answered_what_and_who_was_asked()
    {
        object row = new();
        var sent = new UdpSentMessage("there", IPEndPoint.Parse("192.0.2.1:9"), [1], "question", Encoding.UTF8) { InputObject = row };
        var ack = new UdpAck(sent, new Reply([0xE9, 0x1B], IPEndPoint.Parse("192.0.2.2:10"), Time, 12.5), 3, Encoding.Latin1);
        Assert.Equal(
            ("there", "192.0.2.2", 10, "é\u001B", 2, 12.5, 3, Time.ToLocalTime(), DateTimeKind.Local, "question", "é\u241B"),
            (ack.Server, ack.RemoteAddress, ack.Port, ack.Message, ack.Length, ack.RoundTripMilliseconds, ack.Attempts,
                ack.ReceivedAt, ack.ReceivedAt.Kind, ack.SentMessage, ack.ToString()));
        Assert.Same(row, ack.InputObject);

        sent.Ack = ack;
        Assert.Equal(12.5, sent.RoundTripMilliseconds);
    }

    [Fact]
    public void A_sent_message_tells_what_went_from_where_to_where()
    {
        var remote = IPEndPoint.Parse("192.0.2.1:9");
        using var socket = new FakePeerSocket { LocalEndPoint = IPEndPoint.Parse("192.0.2.3:4040") };
        var exchange = new Exchange(remote, socket, new SendOptions(), _ => { }, new UnclaimedExchanges(10));
        exchange.Send([1]);
        var sent = new UdpSentMessage("the\u001Bre", remote, [0xE9, 0x1B], null, Encoding.Latin1) { Exchange = exchange };
        Assert.Equal(
            ("the\u241Bre", "192.0.2.1", 9, "192.0.2.3", 4040, "é\u001B", 2, UdpSendStatus.Sent, null, 1, null, "é\u241B"),
            (sent.Server, sent.RemoteAddress, sent.Port, sent.LocalAddress, sent.LocalPort, sent.Message, sent.Length, sent.Status, sent.Reason,
                sent.Attempts, sent.RoundTripMilliseconds, sent.ToString()));
        Assert.Equal(exchange.SentAtUtc.ToLocalTime(), sent.SentAt);
        Assert.Equal(DateTimeKind.Local, sent.SentAt.Kind);
        exchange.Close();
    }

    [Fact]
    public void What_was_not_sent_has_an_address_no_more_than_is_known_of_it()
    {
        DateTime before = DateTime.Now;
        var sent = new UdpSentMessage("there", 9, [0xC3, 0x28], "text", Encoding.UTF8);
        sent.GiveUp("no such name");
        Assert.Equal(
            ("there", null, 9, null, 0, "text", 2, UdpSendStatus.NotSent, "no such name", 0),
            (sent.Server, sent.RemoteAddress, sent.Port, sent.LocalAddress, sent.LocalPort, sent.Message, sent.Length, sent.Status, sent.Reason,
                sent.Attempts));
        Assert.InRange(sent.SentAt, before, DateTime.Now);
    }
}
