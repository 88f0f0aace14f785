using System;
using System.Net;
using System.Net.Sockets;
using UdpPS.Tests.Infrastructure;

namespace UdpPS.Tests.Faults;

/// <summary>
/// Finds a port that stays free while its listener is away. The system picks the ports of senders from 32768 upwards (Linux)
/// or 49152 upwards (RFC 6335, and so Windows and macOS): a sender that was given the listener's would keep it from coming back.
/// </summary>
internal static class LastingPort
{
    private const int First = 20000;
    private const int End = 32768;

    internal static int Find()
    {
        int port = 0;
        Until.True(() => IsFree(port = Random.Shared.Next(First, End)), "a port is free");
        return port;
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
