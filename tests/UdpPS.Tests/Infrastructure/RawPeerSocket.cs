using System.Net.Sockets;
using System.Reflection;
using UdpPS.Sending;
using UdpPS.Sockets;

namespace UdpPS.Tests.Infrastructure;

/// <summary>The system's socket under one of ours, to look at its options.</summary>
internal static class RawPeerSocket
{
    internal static Socket Of(Exchange exchange) => Of(
        (IPeerSocket)typeof(Exchange).GetField("_socket", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(exchange)!);

    internal static Socket Of(IPeerSocket socket) => socket is PortablePeerSocket portable
        ? portable.Socket
        : new Socket(new SafeSocketHandle(((LinuxPeerSocket)socket).Descriptor, ownsHandle: false));
}
