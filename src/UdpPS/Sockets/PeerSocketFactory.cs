namespace UdpPS.Sockets;

/// <summary>The sockets that messages leave from on this system.</summary>
internal static class PeerSocketFactory
{
    internal static IPeerSocketFactory Default { get; } =
        LinuxCalls.IsSupported ? new LinuxPeerSocketFactory() : new PortablePeerSocketFactory();
}
