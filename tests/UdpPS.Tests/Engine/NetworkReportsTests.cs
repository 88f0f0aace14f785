using System.Net.Sockets;
using UdpPS.Sending;
using Xunit;

namespace UdpPS.Tests.Engine;

public sealed class NetworkReportsTests
{
    [Theory]
    [InlineData(SocketError.ConnectionRefused, "port unreachable")]
    [InlineData(SocketError.ConnectionReset, "port unreachable")]
    [InlineData(SocketError.HostUnreachable, "host unreachable")]
    [InlineData(SocketError.HostDown, "host unreachable")]
    [InlineData(SocketError.NetworkUnreachable, "network unreachable")]
    public void A_reason_has_the_words_of_ICMP(SocketError error, string reason) =>
        Assert.Equal(reason, NetworkReports.ToReason(error));

    [Fact]
    public void Any_other_error_has_the_words_of_the_system() =>
        Assert.Equal(new SocketException((int)SocketError.MessageSize).Message, NetworkReports.ToReason(SocketError.MessageSize));
}
