using System;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading;

namespace UdpPS.Benchmarks.Roles;

/// <summary>The plain .NET server: one blocking receive and one send for each message, and not one object.</summary>
internal static class SocketLoopRole
{
    internal static void Run()
    {
        var commands = new ParentCommands();
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        new Thread(() => Answer(socket)) { IsBackground = true }.Start();
        Console.WriteLine($"port {((IPEndPoint)socket.LocalEndPoint!).Port}");
        commands.Next();
    }

    private static void Answer(Socket socket)
    {
        byte[] message = new byte[ushort.MaxValue];
        byte[] ack = Encoding.UTF8.GetBytes("Message received");
        var peer = new SocketAddress(AddressFamily.InterNetwork);
        while (true)
        {
            socket.ReceiveFrom(message, SocketFlags.None, peer);
            socket.SendTo(ack, SocketFlags.None, peer);
        }
    }
}
