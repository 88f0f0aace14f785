using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Management.Automation;
using System.Net;
using System.Net.Sockets;
using System.Text;
using UdpPS.Parameters;
using UdpPS.Sending;
using UdpPS.Sockets;

namespace UdpPS.Commands;

/// <summary>
/// Sends each message as one datagram to each server, and puts out one <see cref="UdpSentMessage"/> for each. Nothing is
/// waited for: pipe it to Receive-UdpAck to know what has arrived.
/// </summary>
/// <remarks>
/// Of a list whose messages nobody keeps, after some hundreds, up to 64 leave together if the pipeline takes them quickly.
/// They are then put out one by one: a pipeline that ends the command in between ends it after the last of these has left.
/// </remarks>
[Cmdlet(VerbsCommunications.Send, "UdpMessage", DefaultParameterSetName = MessageSet)]
[OutputType(typeof(UdpSentMessage))]
public sealed class SendUdpMessageCommand : PSCmdlet, IDisposable
{
    private const int DefaultPort = 4010;
    private const string MessageSet = "Message";
    private const string InteractiveSet = "Interactive";

    private readonly StopSignal _stopSignal = new();
    private readonly RecentServers _recentServers = RecentServers.OfSession();
    private readonly MessageBatch _batch = new();
    private DestinationResolver? _resolver;
    private UdpSender? _sender;
    private SendOptions? _options;
    private SendProgress? _progress;
    private bool _isRelayToDefaultPort;
    private bool _hasSent;

    /// <summary>The names or addresses to send to.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("ComputerName", "CN", "HostName", "TargetName", "RemoteAddress", "Address", "IPAddress")]
    [ArgumentCompleter(typeof(ServerCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Server { get; set; } = Array.Empty<string>();

    /// <summary>The UDP port to send to, 1 to 65535.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [Alias("RemotePort")]
    [ValidateRange(1, IPEndPoint.MaxPort)]
    public int Port { get; set; } = DefaultPort;

    /// <summary>
    /// What to send: text, bytes as they are, a received message with its exact bytes, a list of these, or anything else by
    /// its string form. An empty text is an empty datagram. An object with a Server, Port or Message property is read by
    /// these, and never itself the message.
    /// </summary>
    [Parameter(
        Mandatory = true,
        Position = 2,
        ValueFromPipeline = true,
        ValueFromPipelineByPropertyName = true,
        ParameterSetName = MessageSet)]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public object Message { get; set; } = string.Empty;

    /// <summary>Asks for messages and sends each line, until exit or the end of input.</summary>
    [Parameter(Mandatory = true, ParameterSetName = InteractiveSet)]
    public SwitchParameter Interactive { get; set; }

    /// <summary>How often each message is sent.</summary>
    [Parameter(ParameterSetName = MessageSet)]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; } = 1;

    /// <summary>Seconds between two sends.</summary>
    [Parameter(ParameterSetName = MessageSet)]
    [ValidateRange(0, double.MaxValue)]
    public double Delay { get; set; }

    /// <summary>How text becomes bytes: a name, a code page, or an Encoding. No byte order mark is ever sent.</summary>
    [Parameter]
    [EncodingTransformation]
    [ArgumentCompleter(typeof(EncodingCompleter))]
    [ValidateNotNull]
    public Encoding Encoding { get; set; } = EncodingNames.Default;

    /// <summary>The address or name of this machine to send from.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(LocalAddressCompleter))]
    [ValidateNotNullOrEmpty]
    public string? LocalAddress { get; set; }

    /// <summary>The port to send from; 0, the default, picks a free one. A fixed port serves one peer at a time.</summary>
    [Parameter]
    [ValidateRange(IPEndPoint.MinPort, IPEndPoint.MaxPort)]
    public int LocalPort { get; set; }

    /// <summary>Uses IPv4 addresses only.</summary>
    [Parameter]
    public SwitchParameter IPv4 { get; set; }

    /// <summary>Uses IPv6 addresses only.</summary>
    [Parameter]
    public SwitchParameter IPv6 { get; set; }

    /// <summary>Allows broadcast addresses. Anyone who got the message may answer; see Receive-UdpAck -All.</summary>
    [Parameter]
    public SwitchParameter Broadcast { get; set; }

    /// <summary>How many routers the message may cross, 1 to 255: IPv4 time to live, IPv6 hop limit.</summary>
    [Parameter]
    [Alias("Ttl")]
    [ValidateRange(1, 255)]
    public int MaxHops { get; set; }

    /// <summary>Forbids fragmentation: a message too long for the path fails instead.</summary>
    [Parameter]
    public SwitchParameter DontFragment { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _isRelayToDefaultPort = MyInvocation.BoundParameters.ContainsKey(nameof(Server))
            && !MyInvocation.BoundParameters.ContainsKey(nameof(Port));
        _options = this.OrTerminate(CreateOptions);
        _resolver = new DestinationResolver(_options.LocalAddress?.AddressFamily ?? WantedFamily, _stopSignal.Token);
        _sender = new UdpSender(_options);
        _progress = Interactive ? null : SendProgress.For(Delay, WriteProgress);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Interactive)
        {
            SendLines();
        }
        else
        {
            SendToServers(Message);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing() => _progress?.Remove();

    /// <inheritdoc/>
    protected override void StopProcessing() => _stopSignal.Stop();

    /// <summary>Closes the sockets that no unsettled message keeps.</summary>
    public void Dispose()
    {
        _stopSignal.Stop();
        _sender?.Dispose();
        _progress?.TryRemove();
        _stopSignal.Dispose();
    }

    private void SendLines()
    {
        foreach (string line in MessagePrompt.ReadLines(Host.UI))
        {
            SendToServers(line);
            if (Stopping)
            {
                return;
            }
        }
    }

    private AddressFamily WantedFamily =>
        IPv4 ? AddressFamily.InterNetwork : IPv6 ? AddressFamily.InterNetworkV6 : AddressFamily.Unspecified;

    private SendOptions CreateOptions() => IPv4 && IPv6
        ? throw new TerminatingErrorException(ErrorRecords.AddressFamilyConflict())
        : new SendOptions
        {
            LocalAddress = LocalAddress is null ? null : ResolveLocalAddress(LocalAddress),
            LocalPort = LocalPort,
            Broadcast = Broadcast,
            MaxHops = MaxHops == 0 ? null : MaxHops,
            DontFragment = DontFragment,
        };

    private IPAddress ResolveLocalAddress(string text)
    {
        try
        {
            return HostResolver.Resolve(text, WantedFamily, _stopSignal.Token);
        }
        catch (SocketException exception)
        {
            throw new TerminatingErrorException(ErrorRecords.ResolveFailed(text, WantedFamily, exception));
        }
    }

    private void SendToServers(object input)
    {
        // A message that is relayed has a RemotePort: its sender's, which is no port of the server given here.
        bool isRelay = _isRelayToDefaultPort && PSObject.AsPSObject(input).BaseObject is UdpMessage;
        int port = isRelay ? DefaultPort : Port;
        if (MessageInput.TryToContent(input, Encoding, out MessageContent only))
        {
            _progress?.Begin((long)Server.Length * Count);
            SendToEach(only, port, input);
        }
        else if (Count == 1 && Delay == 0 && Server.Length == 1)
        {
            _progress?.Begin(MessageInput.CountOf(input));
            SendTogether(port, input);
        }
        else
        {
            _progress?.Begin((long)MessageInput.CountOf(input) * Server.Length * Count);
            foreach (MessageContent? given in MessageInput.ToContents(input, Encoding))
            {
                if (given is { } content)
                {
                    SendToEach(content, port, input);
                }
                else
                {
                    WriteFailure(ErrorRecords.MessageMissing(input), (long)Server.Length * Count);
                }
            }
        }
    }

    private void SendToEach(in MessageContent content, int port, object input)
    {
        foreach (string server in Server)
        {
            if (Resolve(server, port) is { } remote)
            {
                Repeat(server, remote, content, input);
            }
        }
    }

    private void SendTogether(int port, object input)
    {
        using IEnumerator<MessageContent?> contents = MessageInput.ToContents(input, Encoding).GetEnumerator();
        while (MoveOn(contents, input))
        {
            if (contents.Current is not { } content)
            {
                Flush(input);
                WriteFailure(ErrorRecords.MessageMissing(input), 1);
            }
            else if (Resolve(Server[0], port) is { } remote)
            {
                _batch.Add(new UdpSentMessage(Server[0], remote, content.Bytes, content.Text, Encoding));
                if (_batch.IsFull)
                {
                    Flush(input);
                }
            }
        }

        Flush(input);
    }

    // What comes before something that cannot be made into a message is sent.
    private bool MoveOn(IEnumerator<MessageContent?> contents, object input)
    {
        try
        {
            return contents.MoveNext();
        }
        catch
        {
            Flush(input);
            throw;
        }
    }

    private void Flush(object input)
    {
        IReadOnlyList<UdpSentMessage> messages = _batch.Messages;
        for (int next = 0; next < messages.Count;)
        {
            int count;
            try
            {
                count = _sender!.SendMany(messages, next);
            }
            catch (SocketException exception)
            {
                WriteFailure(ErrorRecords.SendFailed(messages[next], input, _options!, exception), 1);
                next++;
                continue;
            }

            long since = Stopwatch.GetTimestamp();
            for (int end = next + count; next < end; next++)
            {
                WriteObject(messages[next]);
            }

            _batch.Note(count, Stopwatch.GetTimestamp() - since, _sender.MaySendTogether);
            _progress?.NoteSent(count);
        }

        _batch.Clear();
    }

    private IPEndPoint? Resolve(string server, int port)
    {
        try
        {
            IPEndPoint remote = _resolver!.Resolve(server, port);
            _recentServers.Add(server, remote);
            return remote;
        }
        catch (SocketException exception)
        {
            WriteFailure(ErrorRecords.ResolveFailed(server, _resolver!.Family, exception), Count);
            return null;
        }
    }

    private void Repeat(string server, IPEndPoint remote, in MessageContent content, object input)
    {
        for (int i = 0; i < Count; i++)
        {
            if (_hasSent && Delay > 0)
            {
                WaitForNext();
            }

            _hasSent = true;
            var message = new UdpSentMessage(server, remote, content.Bytes, content.Text, Encoding);
            try
            {
                _sender!.Send(message);
            }
            catch (SocketException exception)
            {
                WriteFailure(ErrorRecords.SendFailed(message, input, _options!, exception), Count - i);
                return;
            }

            _progress?.NoteSent();
            WriteObject(message);
        }
    }

    // One that fails is not tried again, however often it was to be sent.
    private void WriteFailure(ErrorRecord error, long passedOver)
    {
        _progress?.NoteFailure(passedOver);
        WriteError(error);
    }

    private void WaitForNext()
    {
        Deadline end = Deadline.After(Delay);
        while (!end.HasPassed)
        {
            _stopSignal.Delay(Math.Min(end.RemainingSeconds, _progress!.PatienceSeconds));
            _progress.ShowIfDue(end.RemainingSeconds);
        }
    }
}
