using System;
using System.Collections.Generic;
using System.IO;
using System.Management.Automation;
using System.Net;
using System.Text;
using UdpPS.AckScripts;
using UdpPS.Display;
using UdpPS.Listening;
using UdpPS.Parameters;
using UdpPS.Sockets;

namespace UdpPS.Commands;

/// <summary>
/// Binds a UDP port, streams one <see cref="UdpMessage"/> per datagram, and acknowledges each to its sender after the
/// pipeline took it.
/// </summary>
[Cmdlet(VerbsLifecycle.Start, "UdpListener", DefaultParameterSetName = AckSet)]
[OutputType(typeof(UdpMessage))]
public sealed class StartUdpListenerCommand : PSCmdlet, IDisposable
{
    private const string AckSet = "Ack";
    private const string AckScriptSet = "AckScript";
    private const string NoAckSet = "NoAck";

    // The tag by which a host shows an information record at once, as it does for Write-Host.
    private static readonly string[] HostTag = { "PSHOST" };

    private readonly StopSignal _stopSignal = new();
    private UdpListener? _listener;
    private AckFactory? _acks;
    private ListenerProgress? _progress;
    private byte[]? _fixedAck;

    /// <summary>The UDP port to listen on, 0 to 65535. 0 picks a free one.</summary>
    [Parameter(Position = 0)]
    [Alias("LocalPort")]
    [ValidateRange(IPEndPoint.MinPort, IPEndPoint.MaxPort)]
    public int Port { get; set; } = 4010;

    /// <summary>
    /// An address or name of this machine to listen on. 127.0.0.1, the default, is reached from this machine only; Any
    /// opens the port to the network on every address, IPv4 and IPv6.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(ListeningAddressCompleter))]
    [ValidateNotNullOrEmpty]
    public string LocalAddress { get; set; } = "127.0.0.1";

    /// <summary>The text of every ack.</summary>
    [Parameter(ParameterSetName = AckSet)]
    [AllowEmptyString]
    public string AckMessage { get; set; } = "Message received";

    /// <summary>
    /// Makes the ack: $_ is the message, and the string or bytes that the script outputs are sent. No output means no ack, and
    /// so does an error.
    /// </summary>
    [Parameter(Mandatory = true, ParameterSetName = AckScriptSet)]
    public ScriptBlock? AckScript { get; set; }

    /// <summary>Sends no acks.</summary>
    [Parameter(Mandatory = true, ParameterSetName = NoAckSet)]
    public SwitchParameter NoAck { get; set; }

    /// <summary>Emits no messages: what is to be done with them is done by -AckScript, or they are only counted.</summary>
    [Parameter]
    public SwitchParameter NoOutput { get; set; }

    /// <summary>Stops after so many messages. 0 means no limit.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long Count { get; set; }

    /// <summary>Stops after so many seconds. 0 means no limit.</summary>
    [Parameter]
    [ValidateRange(0, double.MaxValue)]
    public double TimeoutSeconds { get; set; }

    /// <summary>Stops after so many seconds without a message. 0 means no limit.</summary>
    [Parameter]
    [ValidateRange(0, double.MaxValue)]
    public double IdleTimeoutSeconds { get; set; }

    /// <summary>How messages become text, and acks bytes: a name, a code page, or an Encoding.</summary>
    [Parameter]
    [EncodingTransformation]
    [ArgumentCompleter(typeof(EncodingCompleter))]
    [ValidateNotNull]
    public Encoding Encoding { get; set; } = EncodingNames.Default;

    /// <summary>Addresses and CIDR networks that may send; datagrams from all others are dropped and counted.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NetworkCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? AllowFrom { get; set; }

    /// <summary>Acks per second to one source address (an IPv6 /64), bursts of a second included. 0 means no limit.</summary>
    [Parameter]
    [ValidateRange(0, double.MaxValue)]
    public double MaxAcksPerSecond { get; set; }

    /// <summary>
    /// Seconds within which the same bytes from the same endpoint are a duplicate: acknowledged again, not emitted again. What
    /// failed is forgotten. 0 knows no duplicates.
    /// </summary>
    [Parameter]
    [ValidateRange(0, double.MaxValue)]
    public double DuplicateWindowSeconds { get; set; }

    /// <summary>Multicast groups to join. With it, and no -LocalAddress, the listener is open to the network.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(GroupCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? MulticastGroup { get; set; }

    /// <summary>The interface to join the groups on: its name, index, or one of its addresses.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(InterfaceCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Interface { get; set; }

    /// <summary>Messages held while the pipeline is busy. When it is full the newest is dropped, not acknowledged, and counted.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int QueueLength { get; set; } = 65536;

    /// <summary>Shares the port with others that do the same.</summary>
    [Parameter]
    public SwitchParameter ReuseAddress { get; set; }

    /// <summary>Listens in the background and returns a job, whose output Receive-Job streams.</summary>
    [Parameter]
    public SwitchParameter AsJob { get; set; }

    /// <summary>The job's name.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing() => this.ContinueAfterErrors();

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ListenerOptions options = this.OrTerminate(CreateOptions);
        _listener = this.OrTerminate(() => ListenerArguments.Open(options));
        if (AsJob)
        {
            WriteObject(StartJob(_listener, options));
            return;
        }

        _acks = CreateAcks(script => AckScriptRunner.InCallersScope(script, SessionState, Encoding));
        Announce(_listener, options.LocalAddress);
        _listener.Start();
        Stream(_listener, options.LocalAddress, _acks);
    }

    /// <inheritdoc/>
    protected override void StopProcessing()
    {
        _stopSignal.Stop();
        _listener?.Stop();
        _acks?.BeginStop();
    }

    /// <summary>
    /// Closes the socket. The only method PowerShell calls however the pipeline ends: Select-Object -First, break and throw
    /// downstream run neither StopProcessing nor EndProcessing.
    /// </summary>
    public void Dispose()
    {
        _stopSignal.Stop();
        _listener?.Dispose();
        _acks?.Dispose();
        _progress?.TryRemove();
        _stopSignal.Dispose();
    }

    private ListenerOptions CreateOptions()
    {
        if (Name is not null && !AsJob)
        {
            throw new TerminatingErrorException(ErrorRecords.NameWithoutJob(Name));
        }

        if (MyInvocation.BoundParameters.ContainsKey("OutBuffer") && !AsJob && !NoAck && !NoOutput)
        {
            throw new TerminatingErrorException(ErrorRecords.OutBufferNotAllowed());
        }

        if (NoOutput && AckScript is null && !NoAck)
        {
            throw new TerminatingErrorException(ErrorRecords.NoOutputWithoutAckScript());
        }

        IReadOnlyList<IPAddress> groups = ListenerArguments.ParseGroups(MulticastGroup);
        if (Interface is not null && groups.Count == 0)
        {
            throw new TerminatingErrorException(ErrorRecords.InterfaceWithoutGroup(Interface));
        }

        // Nothing sent to a group reaches a socket that is bound to loopback: who joins one opens the port.
        bool isOpenedByGroup = groups.Count > 0 && !MyInvocation.BoundParameters.ContainsKey(nameof(LocalAddress));
        IPAddress? localAddress =
            isOpenedByGroup ? null : ListenerArguments.ParseLocalAddress(LocalAddress, _stopSignal.Token);
        if (groups.Count > 0 && localAddress?.IsWildcard() == false)
        {
            throw new TerminatingErrorException(ErrorRecords.LocalAddressWithGroup(LocalAddress));
        }

        _fixedAck = ParameterSetName == AckSet ? ListenerArguments.EncodeAck(AckMessage, Encoding, localAddress) : null;
        return new ListenerOptions
        {
            LocalAddress = localAddress,
            Port = Port,
            ReuseAddress = ReuseAddress,
            MulticastGroups = groups,
            Interface = ListenerArguments.FindInterface(Interface),
            QueueLength = QueueLength,
            AllowFrom = ListenerArguments.ParseAllowFrom(AllowFrom),
            MaximumAcksPerSecond = MaxAcksPerSecond,
            DuplicateWindowSeconds = DuplicateWindowSeconds,
            Encoding = PayloadText.Replacing(Encoding),
        };
    }

    private AckFactory CreateAcks(Func<ScriptBlock, IAckScript> createScript) =>
        new(_fixedAck, AckScript is null ? null : createScript(AckScript));

    private UdpListenerJob StartJob(UdpListener listener, ListenerOptions options)
    {
        var job = new UdpListenerJob(
            InvokedStatement.Of(MyInvocation),
            Name,
            ListenerArguments.Show(options.LocalAddress),
            listener,
            this.OrTerminate(() => CreateAcks(
                script => AckScriptRunner.InOwnSession(
                    UsingScript.Create(script, SessionState), ModulePath, SessionState.LanguageMode, Encoding))),
            Limits,
            !NoOutput,
            this.IsVerbose());
        _listener = null;
        JobRepository.Add(job);
        job.Start();
        return job;
    }

    // The manifest, which brings the types; where only the assembly was imported, that.
    private string ModulePath
    {
        get
        {
            PSModuleInfo module = MyInvocation.MyCommand.Module;
            string manifest = Path.Combine(module.ModuleBase, module.Name + ".psd1");
            return File.Exists(manifest) ? manifest : module.Path;
        }
    }

    private DeliveryLimits Limits => new(Count, TimeoutSeconds, IdleTimeoutSeconds);

    private void Announce(UdpListener listener, IPAddress? address)
    {
        WriteToHost(ListenerTexts.Up(ListenerArguments.Show(address), listener.LocalPort));
        if (address is not null && IPAddress.IsLoopback(address))
        {
            WriteToHost(ListenerTexts.HowToOpen);
        }
    }

    // For the eyes: where another program reads the output, it is an information record and nothing else.
    private void WriteToHost(string text) => WriteInformation(
        new HostInformationMessage { Message = text }, StandardOutput.IsRedirected ? Array.Empty<string>() : HostTag);

    private void Stream(UdpListener listener, IPAddress? address, AckFactory acks)
    {
        _progress = ListenerProgress.For(
            Limits, ListenerArguments.Show(address), listener.LocalPort, WriteProgress);
        var loop = new DeliveryLoop(listener, new PipelineConsumer(this, acks, !NoOutput), Limits, _progress);
        ListenerStopReason reason = loop.Run(() => Stopping);
        _progress?.Remove();

        UdpListenerStatistics totals = listener.GetStatistics();
        if (ListenerTexts.Losses(totals, listener.Untaken) is { } losses)
        {
            this.WriteWarningAndContinue(losses);
        }

        WriteVerbose(ListenerTexts.Totals(totals));
        if (reason == ListenerStopReason.Failed)
        {
            ThrowTerminatingError(ErrorRecords.ListenerFailed(
                EndPointText.Format(ListenerArguments.Show(address), listener.LocalPort), listener.Failure));
        }
    }
}
