using System.Net.Sockets;

namespace UdpPS.Sending;

/// <summary>All ports that messages can leave from are in use.</summary>
internal sealed class NoFreePortException : SocketException
{
    /// <param name="total">How many there are in all.</param>
    internal NoFreePortException(int total)
        : base((int)SocketError.AddressAlreadyInUse) => Total = total;

    /// <summary>How many there are in all.</summary>
    internal int Total { get; }
}
