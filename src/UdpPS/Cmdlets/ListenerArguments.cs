using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using UdpPS.Listening;
using UdpPS.Sending;
using UdpPS.Sockets;

namespace UdpPS.Commands;

/// <summary>Makes what users type after Start-UdpListener into what the listener needs.</summary>
internal static class ListenerArguments
{
    private const string AnyAddress = "Any";

    /// <returns>The address to bind to; null for every address of this machine.</returns>
    /// <inheritdoc cref="LocalAddressArgument.Resolve"/>
    internal static IPAddress? ParseLocalAddress(string text, CancellationToken cancellation) =>
        string.Equals(text, AnyAddress, StringComparison.OrdinalIgnoreCase) || text == "*"
            ? null
            : LocalAddressArgument.Resolve(text, AddressFamily.Unspecified, "-Port", cancellation);

    /// <summary>The address as it is shown: as the user would have to give it.</summary>
    internal static string Show(IPAddress? localAddress) => localAddress?.ToString() ?? AnyAddress;

    /// <exception cref="TerminatingErrorException">One of them is no multicast address.</exception>
    internal static IReadOnlyList<IPAddress> ParseGroups(string[]? groups) =>
        (groups ?? Array.Empty<string>()).Select(ParseGroup).ToArray();

    /// <exception cref="TerminatingErrorException">There is no such interface.</exception>
    internal static LocalInterface? FindInterface(string? text) => text is null
        ? null
        : LocalInterface.Find(text) ?? throw new TerminatingErrorException(ErrorRecords.InterfaceNotFound(text));

    /// <exception cref="TerminatingErrorException">One of them is neither an address nor a network.</exception>
    internal static AllowList? ParseAllowFrom(string[]? networks)
    {
        // An IPAddress in brackets may have a port behind it, which would be ignored.
        if (networks?.FirstOrDefault(network => network.IndexOf('[') >= 0) is { } bracketed)
        {
            throw new TerminatingErrorException(ErrorRecords.InvalidNetwork(bracketed, null));
        }

        try
        {
            return networks is null ? null : AllowList.Parse(networks);
        }
        catch (FormatException exception)
        {
            throw new TerminatingErrorException(ErrorRecords.InvalidNetwork(exception.Message, exception));
        }
    }

    /// <summary>Encodes the ack of every message.</summary>
    /// <param name="text">The ack as it was given.</param>
    /// <param name="encoding">What it is encoded in.</param>
    /// <param name="localAddress">Where the listener is bound; null for every address.</param>
    /// <exception cref="TerminatingErrorException">The encoding lacks a character, or no datagram from there carries it.</exception>
    internal static byte[] EncodeAck(string text, Encoding encoding, IPAddress? localAddress)
    {
        byte[] ack;
        try
        {
            ack = encoding.GetBytes(text);
        }
        catch (EncoderFallbackException exception)
        {
            throw new TerminatingErrorException(ErrorRecords.AckNotText(text, encoding, exception));
        }

        int limit = DatagramSize.MaximumPayload(localAddress ?? IPAddress.IPv6Any);
        return ack.Length <= limit ? ack : throw new TerminatingErrorException(ErrorRecords.AckTooLong(text, ack.Length, limit));
    }

    /// <summary>Binds the port.</summary>
    /// <exception cref="TerminatingErrorException">It cannot be had.</exception>
    internal static UdpListener Open(ListenerOptions options)
    {
        IPAddress? other = options.MulticastGroups.FirstOrDefault(
            group => options.LocalAddress is not null && group.AddressFamily != options.LocalAddress.AddressFamily);
        if (other is not null)
        {
            throw FamilyMismatch(options, other, new SocketException((int)SocketError.AddressFamilyNotSupported));
        }

        SenderResources.GiveUp(options.LocalAddress, options.Port);
        try
        {
            return UdpListener.Open(options);
        }
        catch (SocketException exception)
            when (exception.SocketErrorCode == SocketError.AddressFamilyNotSupported && options.MulticastGroups.Count > 0)
        {
            IPAddress? lacking = options.MulticastGroups.FirstOrDefault(group => options.Interface?.Has(group.AddressFamily) == false);
            throw FamilyMismatch(options, lacking ?? options.MulticastGroups[0], exception);
        }
        catch (SocketException exception)
        {
            throw new TerminatingErrorException(
                ErrorRecords.ListenFailed(Show(options.LocalAddress), options.Port, exception));
        }
    }

    private static TerminatingErrorException FamilyMismatch(ListenerOptions options, IPAddress wanted, SocketException exception) =>
        new(ErrorRecords.AddressFamilyMismatch(Show(options.LocalAddress), wanted.AddressFamily, exception));

    private static IPAddress ParseGroup(string text) =>
        ServerName.Parse(text).Address is { } group && group.IsMulticast()
            ? group
            : throw new TerminatingErrorException(ErrorRecords.InvalidMulticastGroup(text));
}
