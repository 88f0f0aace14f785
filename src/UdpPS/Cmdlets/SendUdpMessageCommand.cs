using System;
using System.Linq;
using System.Management.Automation;
using System.Net;
using System.Net.Sockets;
using System.Text;
using UdpPS.Parameters;
using UdpPS.Sockets;

namespace UdpPS.Commands;

/// <summary>
/// Sends each message as one datagram to each server and port, and emits one <see cref="UdpSentMessage"/> for each, sent or not.
/// It waits for no ack: pipe it to Receive-UdpAck to know what has arrived.
/// </summary>
[Cmdlet(VerbsCommunications.Send, "UdpMessage", DefaultParameterSetName = MessageSet)]
[OutputType(typeof(UdpSentMessage))]
public sealed class SendUdpMessageCommand : PSCmdlet, IDisposable
{
    private const string MessageSet = "Message";
    private const string InteractiveSet = "Interactive";

    private static readonly int[] DefaultPorts = { 4010 };

    // In the order in which PowerShell binds them.
    private static readonly string[] ServerProperties = typeof(SendUdpMessageCommand).GetProperty(nameof(Server))!
        .GetCustomAttributes(typeof(AliasAttribute), inherit: false).Cast<AliasAttribute>()
        .SelectMany(alias => alias.AliasNames).Prepend(nameof(Server)).ToArray();

    private readonly StopSignal _stopSignal = new();
    private SendProgress? _progress;
    private SendPipeline? _sending;
    private TargetReader? _targets;
    private MessageScript? _script;
    private bool _isMessageGiven;
    private bool _waitsForNames;

    /// <summary>The names or addresses to send to.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias(
        "ComputerName", "CN", "HostName", "DNSHostName", "TargetName", "RemoteAddress", "IPAddressToString", "Address", "IPAddress",
        "IP")]
    [ArgumentCompleter(typeof(ServerCompleter))]
    [AllowNull]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public string[]? Server { get; set; } = Array.Empty<string>();

    /// <summary>The UDP ports to send to, 1 to 65535. What is no port is an error of its row.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [Alias("RemotePort")]
    [ArgumentCompleter(typeof(PortCompleter))]
    [PortTransformation]
    public int[] Port { get; set; } = DefaultPorts;

    /// <summary>
    /// What to send: text, bytes as they are, a received message with its exact bytes, a list of these, or anything else by
    /// its string form. An empty text is an empty datagram. A script block is run for each input object, and its output sent.
    /// </summary>
    [Parameter(Position = 2, ParameterSetName = MessageSet)]
    [Alias("M")]
    [AllowNull]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public object? Message { get; set; }

    /// <summary>What comes down the pipeline: what to send, where -Message does not say that, and to whom.</summary>
    [Parameter(ValueFromPipeline = true, ParameterSetName = MessageSet)]
    [AllowNull]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public PSObject? InputObject { get; set; }

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

    /// <summary>Nobody will ask for acks: nothing is emitted, and messages leave together where they come fast.</summary>
    [Parameter]
    public SwitchParameter NoAck { get; set; }

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

    /// <summary>
    /// The port to send from; 0, the default, gives each message one of its own. Replies to several messages that are open to one peer
    /// cannot be told apart at a fixed port.
    /// </summary>
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
        // A parameter that is a script block for each input object is bound by now, and has no value yet.
        var bound = MyInvocation.BoundParameters;
        _isMessageGiven = bound.ContainsKey(nameof(Message));
        _script = BaseObject.Of(Message) is ScriptBlock script ? new MessageScript(script, SessionState) : null;
        _waitsForNames = Server is { Length: > 0 };
        _targets = new TargetReader(
            bound.ContainsKey(nameof(Server)), bound.ContainsKey(nameof(Port)), DefaultPorts, ServerProperties);
        SendOptions options = this.OrTerminate(CreateOptions);
        _progress = Interactive ? null : SendProgress.For(Delay, WriteProgress);
        _sending = new SendPipeline(this, options, WantedFamily, Encoding, _stopSignal, _progress, NoAck) { Count = Count, Delay = Delay };
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
            _sending!.Send(new SendRequest(
                _targets!.Read(Server, Port, InputObject), FindInput(), InputRow.Of(InputObject), _waitsForNames));
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        _sending!.Finish();
        _progress?.Remove();
    }

    /// <inheritdoc/>
    protected override void StopProcessing()
    {
        _stopSignal.Stop();
        _script?.BeginStop();
    }

    /// <summary>Ends every wait.</summary>
    public void Dispose()
    {
        _stopSignal.Stop();
        _sending?.Dispose();
        _script?.Dispose();
        _progress?.TryRemove();
        _stopSignal.Dispose();
    }

    private void SendLines()
    {
        foreach (string line in MessagePrompt.ReadLines(Host.UI))
        {
            _sending!.Send(new SendRequest(_targets!.Read(Server, Port, null), line, null, WaitsForNames: true));
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
            LocalAddress = LocalAddress is null
                ? null
                : LocalAddressArgument.Resolve(LocalAddress, WantedFamily, "-LocalPort", _stopSignal.Token),
            LocalPort = LocalPort,
            Broadcast = Broadcast,
            MaxHops = MaxHops == 0 ? null : MaxHops,
            DontFragment = DontFragment,
        };

    // A Message property of the input object is not bound by its name, but read with the object as a whole: what is relayed has
    // exact bytes besides, and a property that throws is an error of its object.
    private object? FindInput()
    {
        if (!_isMessageGiven)
        {
            return InputObject;
        }

        if (_script is null)
        {
            return Message;
        }

        try
        {
            return _script.Run(InputObject);
        }
        catch (Exception exception) when (exception is not PipelineStoppedException)
        {
            return Payload.Faulty(PayloadFault.ScriptFailed, InputObject, exception);
        }
    }
}
