using System;
using System.Net;
using UdpPS.Sockets;

namespace UdpPS.Sending;

/// <summary>What all sending commands of the process share. Thread-safe.</summary>
internal sealed class SenderResources
{
    /// <summary>So many messages that nobody has asked about keep their sockets, where ports and descriptors allow it.</summary>
    internal const int MaximumUnclaimed = 4096;

    private static readonly Lazy<SenderResources> Process = new(() =>
    {
        // Linux notes times only a moment after it is asked to. Asked with the first message, it would often miss the reply to that.
        SocketFactory.Default.StartClock();
        return new SenderResources(SocketFactory.Default, new FreePorts(DynamicPorts.Find()), DescriptorLimit.Find());
    });

    /// <param name="factory">Opens sockets.</param>
    /// <param name="ports">The ports that messages leave from.</param>
    /// <param name="descriptors">How many sockets there can be.</param>
    internal SenderResources(IPeerSocketFactory factory, FreePorts ports, int descriptors)
    {
        Factory = factory;
        Sockets = new ExchangeSockets(factory, ports);
        Unclaimed = new UnclaimedExchanges(Math.Max(1, Math.Min(MaximumUnclaimed, Math.Min(ports.Total / 4, descriptors / 2))));
        FixedPorts = new FixedPorts(factory, ports, Unclaimed);
    }

    internal static SenderResources OfProcess => Process.Value;

    internal IPeerSocketFactory Factory { get; }

    internal ExchangeSockets Sockets { get; }

    internal UnclaimedExchanges Unclaimed { get; }

    internal FixedPorts FixedPorts { get; }

    /// <summary>Gives up a port for somebody else of this process: what nobody has asked about there expires.</summary>
    /// <param name="address">The address that is wanted; null for all.</param>
    /// <param name="port">The port that is wanted.</param>
    internal static void GiveUp(IPAddress? address, int port)
    {
        if (Process.IsValueCreated)
        {
            OfProcess.FixedPorts.GiveUp(address, port);
            OfProcess.Unclaimed.GiveUp(port);
        }
    }
}
