using System.Runtime.InteropServices;

namespace UdpPS.Sending;

/// <summary>
/// Counts the sockets at which nobody waits. Those that hold answers nobody asks for are closed by the garbage collector, which
/// sees little memory and no reason to hurry: the count gives it one.
/// </summary>
internal static class OpenSockets
{
    private const int FirstThreshold = 256;

    private static readonly HandleCollector Collector = new("UdpPS sockets", FirstThreshold);

    internal static void Add() => Collector.Add();

    internal static void Remove() => Collector.Remove();
}
