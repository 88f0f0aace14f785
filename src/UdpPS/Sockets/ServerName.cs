using System;
using System.Globalization;
using System.Linq;
using System.Net;
using System.Net.Sockets;

namespace UdpPS.Sockets;

/// <summary>
/// A server as users write it: an address, a name to look up, or neither. Systems read <c>10.1</c> as 10.0.0.1 and
/// <c>010.0.0.1</c> as 8.0.0.1, so an IPv4 address has four decimal parts without leading zeros here.
/// </summary>
internal sealed class ServerName
{
    private const int MaximumLength = 255;

    private ServerName(string text, IPAddress? address, string? name, ServerFault fault)
    {
        Text = text;
        Address = address;
        Name = name;
        Fault = fault;
    }

    /// <summary>As it was given, without the blanks around it.</summary>
    internal string Text { get; }

    /// <summary>The address, if it is one; unmapped.</summary>
    internal IPAddress? Address { get; }

    /// <summary>The name to look up, if it is one: in its ASCII form (IDNA).</summary>
    internal string? Name { get; }

    /// <summary>Why it is neither.</summary>
    internal ServerFault Fault { get; }

    internal static ServerName Parse(string? given)
    {
        string text = given?.Trim() ?? string.Empty;
        return text.Length == 0 ? Faulty(text, ServerFault.Empty)
            : text.IndexOf(':') >= 0 ? ParseIPv6(text)
            : EndsInNumber(text) ? ParseIPv4(text)
            : ParseName(text);
    }

    private static ServerName ParseIPv6(string text)
    {
        bool isBracketed = text[0] == '[' && text[text.Length - 1] == ']';
        string[] parts = (isBracketed ? text.Substring(1, text.Length - 2) : text).Split('%');
        bool isAddress = parts.Length <= 2
            && parts[0].IndexOf('[') < 0
            && IPAddress.TryParse(parts[0], out IPAddress? parsed)
            && parsed.AddressFamily == AddressFamily.InterNetworkV6;
        if (!isAddress)
        {
            return Faulty(text, HasPort(text) ? ServerFault.HasPort : ServerFault.NotAName);
        }

        IPAddress address = IPAddress.Parse(parts[0]);
        if (parts.Length == 1)
        {
            return new ServerName(text, address.Unmapped(), null, ServerFault.None);
        }

        return LocalInterface.Find(parts[1])?.IPv6Index is { } scope
            ? new ServerName(text, new IPAddress(address.GetAddressBytes(), scope), null, ServerFault.None)
            : Faulty(text, ServerFault.UnknownScope);
    }

    private static bool HasPort(string text)
    {
        int colon = text.LastIndexOf(':');
        bool isBehindHost = text[0] == '[' ? text[Math.Max(0, colon - 1)] == ']' : text.IndexOf(':') == colon;
        return isBehindHost && text.Skip(colon + 1).All(IsDigit);
    }

    private static ServerName ParseIPv4(string text)
    {
        string[] parts = text.Split('.');
        return parts.Length == 4 && parts.All(IsIPv4Part)
            ? new ServerName(text, IPAddress.Parse(text), null, ServerFault.None)
            : Faulty(text, ServerFault.NotIPv4);
    }

    private static ServerName ParseName(string text)
    {
        if (text.Length > MaximumLength || text.Any(sign => char.IsWhiteSpace(sign) || char.IsControl(sign) || sign is '/' or '\\'))
        {
            return Faulty(text, ServerFault.NotAName);
        }

        try
        {
            string name = text.All(sign => sign < 0x80) ? text : new IdnMapping().GetAscii(text);
            return new ServerName(text, null, name, ServerFault.None);
        }
        catch (ArgumentException)
        {
            return Faulty(text, ServerFault.NotAName);
        }
    }

    // A name that ends in a number, decimal or hexadecimal, is read as an IPv4 address by systems.
    private static bool EndsInNumber(string text)
    {
        string last = text.TrimEnd('.').Split('.').Last();
        return last.Length == 0
            || last.All(IsDigit)
            || (last.StartsWith("0x", StringComparison.OrdinalIgnoreCase) && last.Skip(2).All(Uri.IsHexDigit));
    }

    private static bool IsIPv4Part(string part) => part.Length is > 0 and <= 3
        && part.All(IsDigit)
        && (part.Length == 1 || part[0] != '0')
        && int.Parse(part, CultureInfo.InvariantCulture) <= byte.MaxValue;

    private static bool IsDigit(char sign) => sign is >= '0' and <= '9';

    private static ServerName Faulty(string text, ServerFault fault) => new(text, null, null, fault);
}
