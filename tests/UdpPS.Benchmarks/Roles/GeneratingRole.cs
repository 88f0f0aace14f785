using System;
using System.Globalization;
using System.Linq;
using System.Threading;
using UdpPS.Benchmarks.Generating;

namespace UdpPS.Benchmarks.Roles;

/// <summary>The load generator: does what each line of its input asks for, and answers with one line.</summary>
internal static class GeneratingRole
{
    // Long enough for the first message of a burst to reach the pipeline, much shorter than it is held there.
    private const int HoldMilliseconds = 200;

    internal static void Run()
    {
        var commands = new ParentCommands();
        Console.WriteLine("ready");
        while (true)
        {
            string[] words = commands.Next().Split(' ');
            int[] numbers = words.Skip(1).Select(word => int.Parse(word, CultureInfo.InvariantCulture)).ToArray();
            try
            {
                Console.WriteLine(words[0] == "burst"
                    ? Burst(numbers[0], numbers[1])
                    : Exchange(numbers[0], numbers[1], numbers[2], numbers[3]));
            }
            catch (LoadFailedException exception)
            {
                Console.WriteLine($"failed {exception.Message}");
            }
        }
    }

    private static string Exchange(int port, int window, int count, int senders)
    {
        using ILoadSocket socket = Load.Connect(port, senders);
        RoundTrips? roundTrips = window == 1 ? new RoundTrips(count) : null;
        TimeSpan time = Load.Run(socket, window, count, roundTrips);
        double[] percentiles = roundTrips?.Percentiles(0.5, 0.99, 0.999) ?? [];
        return string.Join(' ', percentiles.Prepend(time.TotalSeconds).Select(value => value.ToString("R", CultureInfo.InvariantCulture)));
    }

    private static string Burst(int port, int count)
    {
        using ILoadSocket socket = Load.Connect(port, senders: 0);
        Load.Burst(socket, 0, 1);
        Thread.Sleep(HoldMilliseconds);
        Load.Burst(socket, 1, count);
        return "sent";
    }
}
