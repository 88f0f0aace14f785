using System.Globalization;

namespace UdpPS.Sockets;

/// <summary>Shows endpoints.</summary>
internal static class EndPointText
{
    /// <param name="address">An address, or what stands for one, such as Any.</param>
    /// <param name="port">The port.</param>
    /// <returns>Both as one text, an IPv6 address in brackets.</returns>
    internal static string Format(string address, int port) =>
        (address.IndexOf(':') >= 0 ? $"[{address}]:" : address + ":") + port.ToString(CultureInfo.InvariantCulture);
}
