using System.Diagnostics;
using System.Net;
using System.Text;
using UdpPS.Listening;
using UdpPS.Sockets;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Engine;

public sealed class AckPolicyTests
{
    private static readonly IPEndPoint Bound = new(Sample.Here, 4010);

    private readonly LocalAddresses _own = new();

    [Theory]
    [InlineData("198.51.100.7:5000", "hello", "ok", AckSuppression.None)]
    [InlineData("198.51.100.7:5000", "ok", "ok", AckSuppression.OwnAck)]
    [InlineData("198.51.100.7:5000", "", "", AckSuppression.OwnAck)]
    [InlineData("198.51.100.7:5000", "o", "ok", AckSuppression.None)]
    [InlineData("198.51.100.7:5000", "ok!", "ok", AckSuppression.None)]
    [InlineData("198.51.100.7:5000", "Ok", "ok", AckSuppression.None)]
    [InlineData("198.51.100.7:5000", "oK", "ok", AckSuppression.None)]
    [InlineData("192.0.2.10:4010", "hello", "ok", AckSuppression.OwnEndPoint)]
    [InlineData("192.0.2.10:4011", "hello", "ok", AckSuppression.None)]
    [InlineData("192.0.2.11:4010", "hello", "ok", AckSuppression.None)]
    [InlineData("198.51.100.7:0", "hello", "ok", AckSuppression.ReservedPort)]
    [InlineData("198.51.100.7:7", "hello", "ok", AckSuppression.ReservedPort)]
    [InlineData("198.51.100.7:13", "hello", "ok", AckSuppression.ReservedPort)]
    [InlineData("198.51.100.7:17", "hello", "ok", AckSuppression.ReservedPort)]
    [InlineData("198.51.100.7:19", "hello", "ok", AckSuppression.ReservedPort)]
    [InlineData("198.51.100.7:37", "hello", "ok", AckSuppression.ReservedPort)]
    [InlineData("198.51.100.7:8", "hello", "ok", AckSuppression.None)]
    [InlineData("239.1.2.3:5000", "hello", "ok", AckSuppression.NoHost)]
    [InlineData("255.255.255.255:5000", "hello", "ok", AckSuppression.NoHost)]
    [InlineData("127.255.255.255:5000", "hello", "ok", AckSuppression.NoHost)]
    [InlineData("[ff02::1]:5000", "hello", "ok", AckSuppression.NoHost)]
    [InlineData("0.0.0.0:5000", "hello", "ok", AckSuppression.NoHost)]
    [InlineData("0.1.2.3:5000", "hello", "ok", AckSuppression.NoHost)]
    [InlineData("1.0.0.0:5000", "hello", "ok", AckSuppression.None)]
    [InlineData("[::]:5000", "hello", "ok", AckSuppression.NoHost)]
    [InlineData("[::2]:5000", "hello", "ok", AckSuppression.None)]
    [InlineData("[::ffff:0.0.0.0]:5000", "hello", "ok", AckSuppression.NoHost)]
    [InlineData("[::ffff:239.1.2.3]:5000", "hello", "ok", AckSuppression.NoHost)]
    [InlineData("[::ffff:255.255.255.255]:5000", "hello", "ok", AckSuppression.NoHost)]
    [InlineData("[::ffff:198.51.100.7]:5000", "hello", "ok", AckSuppression.None)]
    public void Who_asks_decides_whether_it_is_answered(string from, string text, string answer, object expected)
    {
        var policy = new AckPolicy(Bound, _own, maximumPerSecond: 0, hasProvenSources: false);
        Assert.Equal(expected, Evaluate(policy, Sample.Message(from, text), Encoding.UTF8.GetBytes(answer), out bool isNewLoop));
        Assert.False(isNewLoop);
    }

    [Theory]
    [InlineData("::")]
    [InlineData("0.0.0.0")]
    public void On_every_address_each_of_this_machines_own_is_the_listeners(string every)
    {
        var policy = new AckPolicy(new IPEndPoint(IPAddress.Parse(every), 4010), _own, 0, false);
        Assert.Equal(AckSuppression.OwnEndPoint, Evaluate(policy, Sample.Message("127.0.0.1:4010", "a"), [1], out _));
        Assert.Equal(AckSuppression.None, Evaluate(policy, Sample.Message("198.51.100.7:4010", "a"), [1], out _));
    }

    // 28 bytes of headers on IPv4 and 48 on IPv6 are counted on both sides: three times 28 + 10 are 114, less 28 are 86.
    [Theory]
    [InlineData("198.51.100.7:5000", 10, 86, AckSuppression.None)]
    [InlineData("198.51.100.7:5000", 10, 87, AckSuppression.TooLarge)]
    [InlineData("198.51.100.7:5000", 10, 65507, AckSuppression.TooLarge)]
    [InlineData("198.51.100.7:5000", 10, 65508, AckSuppression.TooLong)]
    [InlineData("198.51.100.7:5000", 0, 56, AckSuppression.None)]
    [InlineData("198.51.100.7:5000", 0, 57, AckSuppression.TooLarge)]
    [InlineData("[2001:db8::7]:5000", 10, 126, AckSuppression.None)]
    [InlineData("[2001:db8::7]:5000", 10, 127, AckSuppression.TooLarge)]
    [InlineData("127.0.0.1:5000", 0, 60000, AckSuppression.None)]
    [InlineData("[::1]:5000", 0, 60000, AckSuppression.None)]
    public void An_answer_is_at_most_three_times_the_question(string from, int question, int answer, object expected)
    {
        var policy = new AckPolicy(Bound, _own, 0, hasProvenSources: false);
        Assert.Equal(expected, Evaluate(policy, Sample.Message(from, new string('q', question)), new byte[answer], out _));
    }

    [Fact]
    public void Sources_that_were_named_may_be_answered_at_any_length()
    {
        var policy = new AckPolicy(Bound, _own, 0, hasProvenSources: true);
        Assert.Equal(AckSuppression.None, Evaluate(policy, Sample.Message("198.51.100.7:5000", ""), new byte[60000], out _));
    }

    [Theory]
    [InlineData("127.0.0.1:5000", 65507, AckSuppression.None)]
    [InlineData("127.0.0.1:5000", 65508, AckSuppression.TooLong)]
    [InlineData("[::1]:5000", 65527, AckSuppression.None)]
    [InlineData("[::1]:5000", 65528, AckSuppression.TooLong)]
    public void An_answer_is_at_most_as_long_as_a_datagram(string from, int answer, object expected)
    {
        var policy = new AckPolicy(Bound, _own, 0, hasProvenSources: true);
        Assert.Equal(expected, Evaluate(policy, Sample.Message(from, "a"), new byte[answer], out _));
    }

    [Fact]
    public void The_limit_is_for_an_address_whatever_its_port()
    {
        var policy = new AckPolicy(Bound, _own, maximumPerSecond: 0.001, hasProvenSources: false);
        Assert.Equal(AckSuppression.None, Evaluate(policy, Sample.Message("198.51.100.7:5000", "a"), [1], out _));
        Assert.Equal(AckSuppression.RateLimit, Evaluate(policy, Sample.Message("198.51.100.7:5001", "b"), [1], out _));
        Assert.Equal(AckSuppression.None, Evaluate(policy, Sample.Message("198.51.100.8:5000", "a"), [1], out _));
    }

    [Fact]
    public void An_ack_that_is_withheld_anyway_takes_none_of_the_limit()
    {
        var policy = new AckPolicy(Bound, _own, maximumPerSecond: 0.001, hasProvenSources: false);
        Assert.Equal(AckSuppression.OwnAck, Evaluate(policy, Sample.Message("198.51.100.7:5000", "ok"), "ok"u8.ToArray(), out _));
        Assert.Equal(AckSuppression.ReservedPort, Evaluate(policy, Sample.Message("198.51.100.7:7", "a"), [1], out _));
        Assert.Equal(AckSuppression.TooLarge, Evaluate(policy, Sample.Message("198.51.100.7:5000", "a"), new byte[1000], out _));
        Assert.Equal(AckSuppression.None, Evaluate(policy, Sample.Message("198.51.100.7:5000", "a"), [1], out _));
    }

    [Fact]
    public void In_a_loop_one_ack_in_a_thousand_is_withheld_with_one_warning()
    {
        var policy = new AckPolicy(Bound, _own, 0, false);
        int withheld = 0;
        int found = 0;
        for (int i = 0; i < 3000; i++)
        {
            AckSuppression suppression = Evaluate(policy, Sample.Message("198.51.100.7:5000", "again"), [1], out bool isNew);
            withheld += suppression == AckSuppression.Loop ? 1 : 0;
            found += isNew ? 1 : 0;
        }

        Assert.Equal(2, withheld);
        Assert.Equal(1, found);
    }

    private static AckSuppression Evaluate(AckPolicy policy, UdpMessage message, byte[] answer, out bool isNewLoop) =>
        policy.Evaluate(message, answer, Stopwatch.GetTimestamp(), out isNewLoop);
}
