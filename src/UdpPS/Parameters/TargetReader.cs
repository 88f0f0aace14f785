using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;

namespace UdpPS.Parameters;

/// <summary>Reads where a row's messages go, from what PowerShell has bound and from the input object itself.</summary>
internal sealed class TargetReader
{
    private const string PortProperty = "Port";
    private const string RemotePortProperty = "RemotePort";

    private static readonly string[] Blank = { string.Empty };

    private readonly bool _isServerGiven;
    private readonly bool _isPortGiven;
    private readonly int[] _defaultPorts;
    private readonly string[] _serverProperties;
    private string[]? _lastServers;
    private int[]? _lastPorts;
    private IReadOnlyList<SendTarget> _last = Array.Empty<SendTarget>();

    /// <param name="isServerGiven">Whether the command line names the servers.</param>
    /// <param name="isPortGiven">Whether the command line names the ports.</param>
    /// <param name="defaultPorts">What the ports are where nothing else is bound.</param>
    /// <param name="serverProperties">The properties that a server is bound by, in their order.</param>
    internal TargetReader(bool isServerGiven, bool isPortGiven, int[] defaultPorts, IEnumerable<string> serverProperties)
    {
        _isServerGiven = isServerGiven;
        _isPortGiven = isPortGiven;
        _defaultPorts = defaultPorts;
        _serverProperties = serverProperties.ToArray();
    }

    /// <returns>Each server with each port.</returns>
    internal IReadOnlyList<SendTarget> Read(string[]? servers, int[] ports, PSObject? input)
    {
        string[] wanted = servers is { Length: > 0 } ? servers : Blank;
        if (!_isServerGiven && input is not null)
        {
            wanted = FromRow(wanted, input);
        }

        int[] wantedPorts = IsPortOfSender(ports, input) ? _defaultPorts : ports;
        if (!ReferenceEquals(wanted, _lastServers) || !ReferenceEquals(wantedPorts, _lastPorts))
        {
            _last = wanted.SelectMany(server => Enumerable.Range(0, wantedPorts.Length).Select(i => Create(server, wantedPorts, i))).ToArray();
            _lastServers = wanted;
            _lastPorts = wantedPorts;
        }

        return _last;
    }

    private static SendTarget Create(string? server, int[] ports, int index) => new(
        server?.Trim() ?? string.Empty,
        ports[index],
        ports[index] == PortTransformationAttribute.Unreadable ? PortTransformationAttribute.TextOf(ports, index) : null);

    // An ack's Server is whom the message was for, which may be a group; who answered is in RemoteAddress. And PowerShell binds the
    // first property there is, though it may be empty.
    private string[] FromRow(string[] bound, PSObject input)
    {
        if (UdpObjects.IsAck(input) && TextOf(input, nameof(UdpAck.RemoteAddress)) is { } responder)
        {
            return new[] { responder };
        }

        return bound.All(string.IsNullOrWhiteSpace)
            && _serverProperties.Select(name => TextOf(input, name)).FirstOrDefault(text => text is not null) is { } other
            ? new[] { other }
            : bound;
    }

    // The RemotePort of a received message, or of a record of one, is its sender's. It is no port of another server.
    private bool IsPortOfSender(int[] ports, PSObject? input) => _isServerGiven
        && !_isPortGiven
        && !ReferenceEquals(ports, _defaultPorts)
        && input?.Properties[PortProperty] is null
        && input?.Properties[RemotePortProperty] is not null;

    private static string? TextOf(PSObject input, string property)
    {
        try
        {
            string? text = input.Properties[property]?.Value is { } value ? LanguagePrimitives.ConvertTo<string>(value) : null;
            return string.IsNullOrWhiteSpace(text) ? null : text;
        }
        catch (GetValueException)
        {
            // IPAddress.Address, for one, of an IPv6 address.
            return null;
        }
    }
}
