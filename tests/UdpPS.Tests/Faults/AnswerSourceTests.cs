using System;
using System.Linq;
using System.Net.Sockets;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Faults;

/// <summary>
/// A machine with several addresses. Send-UdpMessage connects its sockets, so that the system refuses an ack that comes from
/// another address than the one that was asked.
/// </summary>
public sealed class AnswerSourceTests : IDisposable
{
    private readonly Session _session = new();

    public void Dispose() => _session.Dispose();

    [Trait(SocketsUnderTest.Trait, SocketsUnderTest.Linux)]
    [Theory]
    [InlineData("Any", "127.0.0.1")]
    [InlineData("Any", "127.0.0.2")]
    [InlineData("Any", "::1")]
    [InlineData("0.0.0.0", "127.0.0.2")]
    [InlineData("::", "::1")]
    public void A_listener_on_every_address_answers_from_the_one_it_was_asked_on(string listening, string asked)
    {
        if (asked.Contains(':') && !Socket.OSSupportsIPv6)
        {
            Assert.Skip("This machine has no IPv6.");
        }

        if (asked == "127.0.0.2" && OperatingSystem.IsMacOS())
        {
            Assert.Skip("macOS gives its loopback interface one IPv4 address only.");
        }

        var job = _session.StartJob($"-LocalAddress {listening}");
        _session["port"] = job.LocalPort;
        _session["asked"] = asked;
        _session["deadline"] = Until.Deadline.TotalSeconds;
        UdpAck ack = _session.Run<UdpAck>(
            "Send-UdpMessage $asked $port hi | Receive-UdpAck -TimeoutSeconds $deadline").Single();
        Assert.Equal(asked, ack.RemoteAddress);
        Assert.Equal(asked, _session.Run<UdpMessage>("Get-Job | Receive-Job").Single().LocalAddress);
    }
}
