using System;
using System.Globalization;
using System.Linq;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace UdpPS.Sockets;

/// <summary>A network interface of this machine, by the indexes that socket options take.</summary>
/// <param name="IPv4Index">Null when the interface has no IPv4.</param>
/// <param name="IPv6Index">Null when the interface has no IPv6.</param>
internal sealed record LocalInterface(int? IPv4Index, int? IPv6Index)
{
    /// <param name="text">The interface's name, its index, or an address that it has.</param>
    /// <returns>Null when this machine has no such interface.</returns>
    internal static LocalInterface? Find(string text)
    {
        bool isIndex = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int index);
        bool isAddress = IPAddress.TryParse(text, out IPAddress? address) && !isIndex;
        return NetworkInterfaces.FindAll()
            .Where(pair =>
                string.Equals(pair.Interface.Name, text, StringComparison.OrdinalIgnoreCase)
                || (isAddress && pair.Properties.UnicastAddresses.Any(unicast => unicast.Address.Equals(address)))
                || (isIndex && (IPv4IndexOf(pair) == index || IPv6IndexOf(pair) == index)))
            .Select(pair => new LocalInterface(IPv4IndexOf(pair), IPv6IndexOf(pair)))
            .FirstOrDefault();
    }

    /// <summary>The index for sockets of a family.</summary>
    /// <exception cref="SocketException">The interface does not have that family.</exception>
    internal int IndexFor(AddressFamily family) =>
        FindIndex(family) ?? throw new SocketException((int)SocketError.AddressFamilyNotSupported);

    internal bool Has(AddressFamily family) => FindIndex(family) is not null;

    private int? FindIndex(AddressFamily family) => family == AddressFamily.InterNetworkV6 ? IPv6Index : IPv4Index;

    private static int? IPv4IndexOf((NetworkInterface Interface, IPInterfaceProperties Properties) pair) =>
        pair.Interface.Supports(NetworkInterfaceComponent.IPv4) ? pair.Properties.GetIPv4Properties()?.Index : null;

    private static int? IPv6IndexOf((NetworkInterface Interface, IPInterfaceProperties Properties) pair) =>
        pair.Interface.Supports(NetworkInterfaceComponent.IPv6) ? pair.Properties.GetIPv6Properties()?.Index : null;
}
