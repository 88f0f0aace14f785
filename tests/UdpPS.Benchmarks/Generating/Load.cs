using System;
using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace UdpPS.Benchmarks.Generating;

/// <summary>Keeps a window of messages in flight until each of a number of messages is acknowledged.</summary>
internal static class Load
{
    internal static ILoadSocket Connect(int port, int senders)
    {
        if (OperatingSystem.IsLinux() && IntPtr.Size == sizeof(long) && BitConverter.IsLittleEndian)
        {
            return new LinuxLoadSocket(port, senders);
        }

        return senders == 0
            ? new PortableLoadSocket(port)
            : throw new LoadFailedException("many senders need the source addresses that Linux lets a datagram choose");
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static TimeSpan Run(ILoadSocket socket, int window, long count, RoundTrips? roundTrips)
    {
        long start = Stopwatch.GetTimestamp();
        long sent = 0;
        long acknowledged = 0;
        long sentAt = start;
        while (acknowledged < count)
        {
            int room = (int)Math.Min(window - (sent - acknowledged), count - sent);
            if (room > 0)
            {
                sentAt = roundTrips is null ? 0 : Stopwatch.GetTimestamp();
                sent += socket.Send(sent, room);
            }

            int received = socket.Receive();
            if (roundTrips is not null)
            {
                roundTrips[acknowledged] = Stopwatch.GetTimestamp() - sentAt;
            }

            acknowledged += received;
        }

        TimeSpan time = Stopwatch.GetElapsedTime(start);
        return acknowledged == count && !socket.HasMore()
            ? time
            : throw new LoadFailedException($"{acknowledged} or more acks for {count} messages");
    }

    /// <summary>Sends without waiting for an ack.</summary>
    internal static void Burst(ILoadSocket socket, long firstNumber, int count)
    {
        for (int sent = 0; sent < count;)
        {
            sent += socket.Send(firstNumber + sent, count - sent);
        }
    }
}
