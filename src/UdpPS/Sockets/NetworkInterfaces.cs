using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.NetworkInformation;

namespace UdpPS.Sockets;

/// <summary>Lists the network interfaces of this machine.</summary>
internal static class NetworkInterfaces
{
    /// <returns>All there are, or none while the system does not tell.</returns>
    internal static IReadOnlyList<(NetworkInterface Interface, IPInterfaceProperties Properties)> FindAll()
    {
        try
        {
            return NetworkInterface.GetAllNetworkInterfaces().Select(one => (one, one.GetIPProperties())).ToArray();
        }
        catch (Exception exception) when (exception is NetworkInformationException or IOException)
        {
            // Interfaces come and go while they are listed; and on Linux the list is read from files, which may be too many.
            return Array.Empty<(NetworkInterface, IPInterfaceProperties)>();
        }
    }

    /// <returns>Their addresses, of both families.</returns>
    internal static IEnumerable<UnicastIPAddressInformation> FindAddresses() =>
        FindAll().SelectMany(one => one.Properties.UnicastAddresses);
}
