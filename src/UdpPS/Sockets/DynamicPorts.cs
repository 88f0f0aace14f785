using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace UdpPS.Sockets;

/// <summary>The ports that the system gives to those who ask for any (RFC 6335 section 6).</summary>
internal static class DynamicPorts
{
    private const string LinuxRange = "/proc/sys/net/ipv4/ip_local_port_range";
    private const string LinuxReserved = "/proc/sys/net/ipv4/ip_local_reserved_ports";

    // Windows, macOS, and what IANA sets apart for it.
    private const int First = 49152;
    private const int Last = 65535;

    /// <returns>All of them, in order, without those that are reserved.</returns>
    internal static IReadOnlyList<int> Find() => Parse(Read(LinuxRange), Read(LinuxReserved));

    /// <param name="range">The first and the last, as Linux shows them; null for the usual ones.</param>
    /// <param name="reserved">Ports, and ranges of ports, that the system gives to nobody; null for none.</param>
    internal static IReadOnlyList<int> Parse(string? range, string? reserved)
    {
        int[] ends = Numbers(range, ' ', '\t', '\n');
        bool isRange = ends.Length == 2 && ends[0] > 0 && ends[0] <= ends[1] && ends[1] <= Last;
        (int first, int last) = isRange ? (ends[0], ends[1]) : (First, Last);
        var excluded = new HashSet<int>();
        foreach (string part in (reserved ?? string.Empty).Split(','))
        {
            int[] numbers = Numbers(part, '-', '\n');
            if (numbers.Length > 0)
            {
                excluded.UnionWith(Enumerable.Range(numbers[0], Math.Max(1, numbers.Last() - numbers[0] + 1)));
            }
        }

        return Enumerable.Range(first, last - first + 1).Where(port => !excluded.Contains(port)).ToArray();
    }

    private static int[] Numbers(string? text, params char[] separators) => (text ?? string.Empty)
        .Split(separators, StringSplitOptions.RemoveEmptyEntries)
        .Select(one => int.TryParse(one, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : -1)
        .Where(number => number is >= 0 and <= Last)
        .ToArray();

    private static string? Read(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllText(path) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
