using System.Net.Sockets;

namespace UdpPS.Sockets;

/// <summary>A port cannot be bound: it is in use, or the system keeps it.</summary>
internal sealed class PortUnavailableException : SocketException
{
    /// <param name="error">What the system said.</param>
    internal PortUnavailableException(SocketError error)
        : base((int)error)
    {
    }

    /// <summary>Whether the error of a bind says that.</summary>
    internal static bool IsReason(SocketError error) => error is SocketError.AddressAlreadyInUse or SocketError.AccessDenied;
}
