using System;
using System.Management.Automation;
using System.Net;
using System.Net.Sockets;
using System.Text;
using UdpPS.Parameters;
using UdpPS.Sending;
using UdpPS.Sockets;

namespace UdpPS.Commands;

/// <summary>
/// Sends what requests ask for, and emits one message for each target, whatever became of it. What cannot be sent is emitted
/// too, then its error is written, and the next goes on.
/// </summary>
/// <remarks>
/// A message whose server's name is not known yet is set aside, and leaves when it is; others overtake it. A request whose
/// servers the command line names waits for their names: no later input has another server, and what comes from a listener must
/// have left before the listener acknowledges it. Any other request waits as long as one look-up takes of the time in which all
/// that run at once must end. A sweep is then no slower than its look-ups, and a row whose name is found quickly leaves at once.
/// </remarks>
internal sealed class SendPipeline : IDisposable
{
    private const double WaitForRowSeconds = NameTable.LimitSeconds / NameTable.MaximumLookUps;

    private const double SliceSeconds = 0.02;

    private readonly Cmdlet _cmdlet;
    private readonly ErrorWriter _errors;
    private readonly SendOptions _options;
    private readonly Encoding _encoding;
    private readonly StopSignal _stopSignal;
    private readonly SendProgress? _progress;
    private readonly DestinationResolver _resolver;
    private readonly UdpSender _sender;
    private readonly OneWaySender? _oneWay;
    private readonly RecentServers _recentServers = RecentServers.OfSession();
    private readonly PendingSends _pending;
    private ResolvedServer? _lastServer;
    private bool _mustPause;

    /// <param name="cmdlet">Whose output and errors they are.</param>
    /// <param name="options">How sockets are set up.</param>
    /// <param name="wantedFamily">The family of addresses that names are resolved to, where the options leave it open.</param>
    /// <param name="encoding">How text becomes bytes.</param>
    /// <param name="stopSignal">Ends waits.</param>
    /// <param name="progress">Told how it goes on; null when nobody shows it.</param>
    /// <param name="isOneWay">Whether nobody will ask for acks: then nothing is emitted.</param>
    internal SendPipeline(
        Cmdlet cmdlet,
        SendOptions options,
        AddressFamily wantedFamily,
        Encoding encoding,
        StopSignal stopSignal,
        SendProgress? progress,
        bool isOneWay)
    {
        _cmdlet = cmdlet;
        _errors = new ErrorWriter(cmdlet.WriteError);
        _options = options;
        _encoding = encoding;
        _stopSignal = stopSignal;
        _pending = new PendingSends(stopSignal.Token);
        _progress = progress;
        _resolver = new DestinationResolver(options.LocalAddress?.AddressFamily ?? wantedFamily, NameTable.Shared);
        _sender = new UdpSender(options);
        _oneWay = isOneWay ? new OneWaySender(options, SenderResources.OfProcess) : null;
    }

    /// <summary>How often each message is sent.</summary>
    internal int Count { get; init; } = 1;

    /// <summary>Seconds between two sends.</summary>
    internal double Delay { get; init; }

    internal void Send(SendRequest request)
    {
        SendReady();
        long sendsOfEach = (long)request.Targets.Count * Count;
        if (PayloadConverter.TryConvert(request.Input, _encoding, out Payload only))
        {
            _progress?.Begin(sendsOfEach);
            SendRounds(request, only);
        }
        else
        {
            _progress?.Begin(PayloadConverter.CountOf(request.Input) * sendsOfEach);
            foreach (Payload payload in PayloadConverter.ConvertAll(request.Input, _encoding))
            {
                SendRounds(request, payload);
                WaitForNamesOf(request);
            }
        }

        WaitForNamesOf(request);
        if (request.InputObject is PSObject { BaseObject: UdpMessage })
        {
            // A listener acknowledges what is relayed when this returns.
            Flush();
        }
    }

    /// <summary>Waits for the names that are still looked up, and sends what waits.</summary>
    internal void Finish()
    {
        while (!_pending.IsEmpty)
        {
            WaitForName(Deadline.Never);
        }

        Flush();
    }

    /// <summary>Sends what waits, for a moment at most, and closes the sockets that no message has.</summary>
    public void Dispose()
    {
        _sender.Dispose();
        _oneWay?.Dispose();
    }

    private static bool IsWithoutRoute(SocketError error) => error is SocketError.NetworkUnreachable
        or SocketError.HostUnreachable
        or SocketError.NetworkDown
        or SocketError.AddressNotAvailable
        or SocketError.AddressFamilyNotSupported;

    private void SendRounds(SendRequest request, in Payload payload)
    {
        bool[] hasError = Count > 1 ? new bool[request.Targets.Count] : Array.Empty<bool>();
        for (int round = 0; round < Count; round++)
        {
            for (int target = 0; target < request.Targets.Count; target++)
            {
                SendReady();
                PauseIfDue();
                SendOne(request, target, payload, hasError);
                WriteFailures();
            }
        }
    }

    private void SendOne(SendRequest request, int index, in Payload payload, bool[] hasError)
    {
        SendTarget target = request.Targets[index];
        if (target.PortText is not null)
        {
            GiveUp(request, index, payload, hasError, ErrorRecords.InvalidPort(target.PortText, target.Server));
        }
        else if (payload.Fault != PayloadFault.None)
        {
            string endPoint = EndPointText.Format(target.Server, target.Port);
            GiveUp(request, index, payload, hasError, ErrorRecords.NotSendable(payload, endPoint));
        }
        else
        {
            ResolvedServer server = _resolver.Find(target.Server, target.Port);
            if (MayTransmit(server))
            {
                Transmit(request, index, server, payload, hasError);
            }
            else
            {
                Postpone(new PendingSend(request, index, server, payload, hasError));
            }
        }
    }

    private bool MayTransmit(ResolvedServer server) => server.IsKnown && !_pending.HasOneTo(server);

    private void Transmit(SendRequest request, int index, ResolvedServer server, in Payload payload, bool[] hasError)
    {
        if (server.Name.Fault != ServerFault.None)
        {
            GiveUp(request, index, payload, hasError, ErrorRecords.InvalidServer(server.Name));
            return;
        }

        if (server.Failure is { } failure)
        {
            ErrorRecord error = ErrorRecords.ResolveFailed(
                server.Name.Text, _resolver.Family, failure, EndPointText.Format(server.Name.Text, server.Port));
            GiveUp(request, index, payload, hasError, error);
            return;
        }

        if (!ReferenceEquals(server, _lastServer))
        {
            _recentServers.Add(server.Name.Text, server.Remote);
            _lastServer = server;
        }

        UdpSentMessage? message = _oneWay is null ? Create(request, server, payload) : null;
        if (TrySend(request, server, payload, message) is { } exception)
        {
            message ??= Create(request, server, payload);
            GiveUp(message, index, hasError, ErrorRecords.SendFailed(message, request.Input, _options, exception));
            return;
        }

        if (hasError.Length > 0)
        {
            hasError[index] = false;
        }

        _mustPause = true;
        _progress?.NoteSent();
        if (message is not null)
        {
            _cmdlet.WriteObject(message);
        }
    }

    private UdpSentMessage Create(SendRequest request, ResolvedServer server, in Payload payload) =>
        new(server.Name.Text, server.Remote, payload.Bytes, payload.Text, _encoding) { InputObject = request.InputObject };

    // The other family is tried where the first has no route.
    private SocketException? TrySend(SendRequest request, ResolvedServer server, in Payload payload, UdpSentMessage? message)
    {
        SocketException? first = null;
        while (true)
        {
            try
            {
                if (message is null)
                {
                    _oneWay!.Send(new OneWayMessage(server, payload.Bytes, request.Input), server.Remote, _stopSignal.Token);
                }
                else
                {
                    message.RemoteEndPoint = server.Remote;
                    _sender.Send(message);
                }

                return null;
            }
            catch (OperationCanceledException)
            {
                throw new PipelineStoppedException();
            }
            catch (SocketException exception)
            {
                first ??= exception;
                if (!IsWithoutRoute(exception.SocketErrorCode) || !server.TryChooseNext())
                {
                    IPEndPoint remote = server.ChooseFirst();
                    if (message is not null)
                    {
                        message.RemoteEndPoint = remote;
                    }

                    return first;
                }
            }
        }
    }

    private void Flush()
    {
        try
        {
            _oneWay?.Flush(_stopSignal.Token);
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }

        WriteFailures();
    }

    private void WriteFailures()
    {
        while (_oneWay is not null && _oneWay.TryTakeFailure(out OneWayFailure failure))
        {
            OneWayMessage message = failure.Message;
            var sent = new UdpSentMessage(message.Server.Name.Text, failure.Remote, message.Payload, null, _encoding);
            _errors.Write(ErrorRecords.SendFailed(sent, message.Source, _options, failure.Exception));
        }
    }

    private void GiveUp(SendRequest request, int index, in Payload payload, bool[] hasError, ErrorRecord error)
    {
        SendTarget target = request.Targets[index];
        var message = new UdpSentMessage(target.Server, target.Port, payload.Bytes, payload.Text, _encoding)
        {
            InputObject = request.InputObject,
        };
        GiveUp(message, index, hasError, error);
    }

    // However often a message cannot be sent to a target, it is one error, until it was sent there.
    private void GiveUp(UdpSentMessage message, int index, bool[] hasError, ErrorRecord error)
    {
        message.GiveUp(error.Exception.Message);
        _progress?.NoteFailure(1);

        // Rounds keep their distance where nothing can be sent, too.
        _mustPause |= Count > 1;
        if (_oneWay is null)
        {
            _cmdlet.WriteObject(message);
        }

        if (hasError.Length == 0 || !hasError[index])
        {
            if (hasError.Length > 0)
            {
                hasError[index] = true;
            }

            _errors.Write(error);
        }
    }

    private void Postpone(PendingSend send)
    {
        while (_pending.IsFull)
        {
            WaitForName(Deadline.Never);
        }

        _pending.Add(send);
    }

    private void SendReady()
    {
        while (_pending.TryTakeReady(out PendingSend send))
        {
            PauseIfDue();
            Transmit(send.Request, send.TargetIndex, send.Server, send.Payload, send.HasError);
        }
    }

    private void WaitForNamesOf(SendRequest request)
    {
        if (_pending.IsEmpty)
        {
            return;
        }

        Deadline end = request.WaitsForNames ? Deadline.Never : Deadline.After(WaitForRowSeconds);
        while (_pending.HasOneOf(request) && !end.HasPassed)
        {
            WaitForName(end);
        }
    }

    private void WaitForName(Deadline end)
    {
        _pending.Wait(end);
        _progress?.ShowIfDue(0);
        SendReady();
    }

    // Nothing leaves meanwhile, whatever name is found.
    private void PauseIfDue()
    {
        if (!_mustPause || Delay <= 0)
        {
            return;
        }

        Deadline end = Deadline.After(Delay);
        while (!end.HasPassed)
        {
            double longest = AckCollector.LookOnThisThread() ? SliceSeconds : _progress?.PatienceSeconds ?? Delay;
            _stopSignal.Delay(Math.Min(end.RemainingSeconds, longest));
            _progress?.ShowIfDue(end.RemainingSeconds);
        }

        _mustPause = false;
    }
}
