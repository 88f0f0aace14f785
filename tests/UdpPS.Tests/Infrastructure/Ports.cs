using System.Net;
using System.Net.Sockets;
using Xunit;

namespace UdpPS.Tests.Infrastructure;

/// <summary>Asks the system whether a port is free.</summary>
internal static class Ports
{
    /// <summary>Binds the port exclusively, which works only when nobody has it.</summary>
    internal static void AssertFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        SocketException? failure = null;
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        }
        catch (SocketException exception)
        {
            failure = exception;
        }

        Assert.True(failure is null, $"Port {port} is still taken: {failure?.SocketErrorCode}");
    }
}
