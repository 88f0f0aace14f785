using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace UdpPS.Tests.Infrastructure;

/// <summary>Ports of 127.0.0.1 that are closed, or free.</summary>
internal static class Ports
{
    // Whom a socket is connected to is the only one that it hears. Nothing is ever sent there.
    private const int Discard = 9;

    private static readonly ConcurrentBag<Socket> Held = [];

    /// <summary>A port on which nothing listens, and which nobody else can be given while the tests run.</summary>
    internal static int Closed()
    {
        Socket socket = Bind();
        socket.Connect(IPAddress.Loopback, Discard);
        Held.Add(socket);
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>A port to bind. Another could be given it before that is done, which is not likely.</summary>
    internal static int Free()
    {
        using Socket socket = Bind();
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

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

    private static Socket Bind()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }
}
