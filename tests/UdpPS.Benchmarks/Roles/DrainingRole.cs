using System;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using UdpPS.Benchmarks.Generating;
using UdpPS.Sockets;

namespace UdpPS.Benchmarks.Roles;

/// <summary>The target of what is only sent: it reads everything, as fast as it can, and throws it away.</summary>
internal static unsafe class DrainingRole
{
    private const int BufferBytes = 4 << 20;
    private const int LongestMessage = 2048;

    internal static void Run()
    {
        var commands = new ParentCommands();
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        UnixSocketOptions.TryForceReceiveBuffer(socket, BufferBytes);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        new Thread(() => Drain(socket)) { IsBackground = true }.Start();
        Console.WriteLine($"port {((IPEndPoint)socket.LocalEndPoint!).Port}");
        commands.Next();
    }

    private static void Drain(Socket socket)
    {
        byte[] message = new byte[LongestMessage];
        var batch = new NativeBatch(LongestMessage);
        while (true)
        {
            // The first read waits for a message; what has piled up behind it goes with few calls.
            socket.Receive(message);
            while (OperatingSystem.IsLinux() && LinuxMessages.ReceiveMany(
                socket.Handle, batch.Messages, NativeBatch.Length, LinuxMessages.MsgDontWait, null) > 0)
            {
            }
        }
    }
}
