using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using UdpPS.Sockets;

namespace UdpPS.Parameters;

/// <summary>A network interface of this machine, as completers offer it.</summary>
/// <param name="Name">The name the system gave it.</param>
/// <param name="Index">Null where the system tells none.</param>
/// <param name="Addresses">IPv4 first.</param>
internal sealed record KnownInterface(string Name, int? Index, IReadOnlyList<UnicastIPAddressInformation> Addresses)
{
    /// <returns>All there are, or none when the system does not tell.</returns>
    internal static IReadOnlyList<KnownInterface> FindAll() =>
        NetworkInterfaces.FindAll().Select(one => Create(one.Interface, one.Properties)).ToArray();

    /// <summary>The network an address is in, as 192.168.47.0/24.</summary>
    internal static string NetworkOf(UnicastIPAddressInformation own)
    {
        byte[] network = own.Address.GetAddressBytes();
        for (int i = 0; i < network.Length; i++)
        {
            int ownBits = Math.Min(8, Math.Max(0, own.PrefixLength - (8 * i)));
            network[i] &= (byte)(0xFF00 >> ownBits);
        }

        return $"{new IPAddress(network)}/{own.PrefixLength}";
    }

    private static KnownInterface Create(NetworkInterface found, IPInterfaceProperties properties) => new(
        found.Name,
        IndexOf(found, properties),
        properties.UnicastAddresses.OrderBy(own => own.Address.AddressFamily != AddressFamily.InterNetwork).ToArray());

    private static int? IndexOf(NetworkInterface found, IPInterfaceProperties properties) =>
        found.Supports(NetworkInterfaceComponent.IPv4) ? properties.GetIPv4Properties()?.Index
        : found.Supports(NetworkInterfaceComponent.IPv6) ? properties.GetIPv6Properties()?.Index
        : null;
}
