using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Net;
using System.Net.Sockets;

namespace UdpPS.Listening;

/// <summary>Addresses and CIDR networks (RFC 4632, RFC 4291) that may send.</summary>
internal sealed class AllowList
{
    private readonly Network[] _networks;

    private AllowList(Network[] networks) => _networks = networks;

    /// <exception cref="FormatException">A text is neither an address nor a network; it is the exception's message.</exception>
    internal static AllowList Parse(IEnumerable<string> networks) => new(networks.Select(Network.Parse).ToArray());

    /// <param name="address">Unmapped.</param>
    internal bool Contains(IPAddress address)
    {
        byte[] bytes = address.GetAddressBytes();
        long scope = ScopeOf(address);
        foreach (Network network in _networks)
        {
            if (network.Contains(bytes, scope))
            {
                return true;
            }
        }

        return false;
    }

    // The link of a link-local address.
    private static long ScopeOf(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 ? address.ScopeId : 0;

    private sealed class Network
    {
        private const int MappedPrefixLength = 96;

        private readonly byte[] _prefix;
        private readonly int _length;
        private readonly long _scope;

        private Network(byte[] prefix, int length, long scope)
        {
            _scope = scope;
            _prefix = prefix;
            _length = length;
        }

        internal static Network Parse(string text)
        {
            string[] parts = text.Trim().Split('/');
            if (parts.Length > 2 || !TryParseAddress(parts[0], out IPAddress? address))
            {
                throw new FormatException(text);
            }

            int bits = address!.GetAddressBytes().Length * 8;
            int length = bits;
            if (parts.Length == 2
                && (!int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out length) || length > bits))
            {
                throw new FormatException(text);
            }

            // Written as ::ffff:a.b.c.d, an IPv4 network has the mapping's bits in its length too.
            bool isMapped = address.IsIPv4MappedToIPv6 && length >= MappedPrefixLength;
            return isMapped
                ? new Network(address.MapToIPv4().GetAddressBytes(), length - MappedPrefixLength, scope: 0)
                : new Network(address.GetAddressBytes(), length, ScopeOf(address));
        }

        // Without a scope it is of any.
        internal bool Contains(byte[] address, long scope)
        {
            if (address.Length != _prefix.Length || (_scope != 0 && scope != _scope))
            {
                return false;
            }

            int whole = _length / 8;
            for (int i = 0; i < whole; i++)
            {
                if (address[i] != _prefix[i])
                {
                    return false;
                }
            }

            int rest = _length % 8;
            return rest == 0 || ((address[whole] ^ _prefix[whole]) >> (8 - rest)) == 0;
        }

        // IPAddress takes "10" for 0.0.0.10, "10.1" for 10.0.0.1 and "010.0.0.1" for 8.0.0.1. In a list that guards a port
        // none of them may pass for an address: an IPv4 address has four decimal parts.
        private static bool TryParseAddress(string text, out IPAddress? address)
        {
            if (!IPAddress.TryParse(text, out address))
            {
                return false;
            }

            // A scope that is no interface of this machine is read as none.
            return address.AddressFamily == AddressFamily.InterNetworkV6
                ? address.ScopeId != 0 || text.IndexOf('%') < 0
                : address.ToString() == text;
        }
    }
}
