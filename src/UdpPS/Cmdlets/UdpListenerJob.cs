using System;
using System.Management.Automation;
using System.Threading;
using UdpPS.AckScripts;
using UdpPS.Commands;
using UdpPS.Listening;
using UdpPS.Sockets;

namespace UdpPS;

/// <summary>A listener in the background. Its output, which Receive-Job streams, is one <see cref="UdpMessage"/> per datagram.</summary>
/// <remarks>A message is delivered, and acknowledged, when it is in the job's output, where it waits for Receive-Job.</remarks>
public sealed class UdpListenerJob : Job
{
    // In each stream but the output, which has a bound of its own.
    private const int MaximumRecords = 1000;

    private static readonly TimeSpan LongestWaitForEnd = TimeSpan.FromMilliseconds(400);

    private readonly UdpListener _listener;
    private readonly AckFactory _acks;
    private readonly bool _hasOutput;
    private readonly DeliveryLimits _limits;
    private readonly ListenerProgress? _progress;
    private readonly Thread _thread;
    private readonly bool _isVerbose;
    private int _isStopRequested;

    internal UdpListenerJob(
        string command,
        string? name,
        string localAddress,
        UdpListener listener,
        AckFactory acks,
        DeliveryLimits limits,
        bool hasOutput,
        bool isVerbose)
        : base(command, name)
    {
        PSJobTypeName = nameof(UdpListenerJob);
        LocalAddress = localAddress;
        LocalPort = listener.LocalPort;
        _listener = listener;
        _acks = acks;
        _hasOutput = hasOutput;
        _limits = limits;
        _progress = ListenerProgress.For(limits, LocalAddress, LocalPort, ShowProgress);
        _isVerbose = isVerbose;
        if (hasOutput)
        {
            listener.KeepUntilRead(() => Output.Count);
        }

        _thread = new Thread(Run) { IsBackground = true, Name = "UdpPS listener job " + LocalPort };
    }

    /// <summary>The address it listens on, as it was given: Any for every address of this machine.</summary>
    public string LocalAddress { get; }

    /// <summary>The port it listens on: the one asked for, or the one the system picked.</summary>
    public int LocalPort { get; }

    /// <summary>What it has counted so far.</summary>
    public UdpListenerStatistics Statistics => _listener.GetStatistics();

    /// <inheritdoc/>
    public override bool HasMoreData =>
        Output.Count > 0 || Error.Count > 0 || Warning.Count > 0 || Verbose.Count > 0 || Information.Count > 0;

    /// <summary>The endpoint it listens on.</summary>
    public override string Location => EndPointText.Format(LocalAddress, LocalPort);

    /// <summary>What has come and gone so far, in one line.</summary>
    public override string StatusMessage => ListenerTexts.Totals(Statistics);

    /// <summary>
    /// Stops listening and frees the port, before it returns. The job itself may end a little later, if its -AckScript is
    /// in the middle of something that cannot be interrupted.
    /// </summary>
    public override void StopJob()
    {
        if (JobStateInfo.State is not (JobState.Running or JobState.NotStarted))
        {
            return;
        }

        Interlocked.Exchange(ref _isStopRequested, 1);
        _listener.Dispose();
        _acks.BeginStop();
        if (Thread.CurrentThread != _thread)
        {
            // Not for ever: it may be the script itself that stops its job.
            Finished.WaitOne(LongestWaitForEnd);
        }
    }

    internal void Start()
    {
        SetJobState(JobState.Running);
        _listener.Start();
        _thread.Start();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            StopJob();
        }

        base.Dispose(disposing);
    }

    // The thread's one method: nothing that happens in it may end the process.
    private void Run()
    {
        JobState end = JobState.Failed;
        try
        {
            Keep(Information, new InformationRecord(ListenerTexts.Up(LocalAddress, LocalPort), nameof(UdpPS)));
            end = Deliver();
        }
        catch (Exception exception)
        {
            Report(ErrorRecords.ListenerFailed(Location, exception));
        }
        finally
        {
            CleanUp();
            Finish(end);
        }
    }

    private JobState Deliver()
    {
        var loop = new DeliveryLoop(_listener, new OutputConsumer(this), _limits, _progress);
        ListenerStopReason reason = loop.Run(() => Volatile.Read(ref _isStopRequested) != 0);
        _progress?.Remove();
        if (ListenerTexts.Losses(Statistics, _listener.Untaken) is { } losses)
        {
            Keep(Warning, new WarningRecord(losses));
        }

        if (reason == ListenerStopReason.Failed)
        {
            Report(ErrorRecords.ListenerFailed(Location, _listener.Failure));
        }

        return reason switch
        {
            ListenerStopReason.Failed => JobState.Failed,
            ListenerStopReason.Requested => JobState.Stopped,
            _ => JobState.Completed,
        };
    }

    private void CleanUp()
    {
        try
        {
            _listener.Dispose();
            _acks.Dispose();
        }
        catch (Exception exception)
        {
            Report(ErrorRecords.ListenerFailed(Location, exception));
        }
    }

    // Nobody need ever read it: only the newest is kept.
    private void ShowProgress(ProgressRecord progress)
    {
        Progress.Clear();
        Progress.Add(progress);
    }

    private void Report(ErrorRecord error)
    {
        try
        {
            Keep(Error, error);
        }
        catch (PSInvalidOperationException)
        {
            // The job was removed meanwhile: nobody is left to read it.
        }
    }

    // Peers can cause records, and perhaps nobody reads them: the newest stay.
    private static void Keep<T>(PSDataCollection<T> stream, T record)
    {
        stream.Add(record);
        while (stream.Count > MaximumRecords)
        {
            try
            {
                stream.RemoveAt(0);
            }
            catch (ArgumentOutOfRangeException)
            {
                // Somebody has read them all meanwhile.
            }
        }
    }

    private void Finish(JobState state)
    {
        try
        {
            SetJobState(state);
        }
        catch (ObjectDisposedException)
        {
            // Removed meanwhile, as above.
        }
    }

    private sealed class OutputConsumer : IMessageConsumer
    {
        private readonly UdpListenerJob _job;
        private readonly AckOutcomeWriter _outcomes;

        internal OutputConsumer(UdpListenerJob job)
        {
            _job = job;
            _outcomes = new AckOutcomeWriter(job._isVerbose ? WriteVerbose : null, WriteWarning, job.Report);
        }

        public bool ReportsAllOutcomes => _job._isVerbose;

        public void Deliver(UdpMessage message)
        {
            if (_job._isVerbose)
            {
                WriteVerbose(ListenerTexts.MessageFrom(message));
            }

            if (_job._hasOutput)
            {
                _job.Output.Add(PSObject.AsPSObject(message));
            }
        }

        public bool CountsAsDelivered(Exception endOfDelivery) => false;

        public bool TryCreateAck(UdpMessage message, out byte[]? ack) => _job._acks.TryCreate(message, _job.Report, out ack);

        public void OnOutputFull() => WriteWarning(ListenerTexts.OutputFull(_job.Name));

        private void WriteVerbose(string text) => Keep(_job.Verbose, new VerboseRecord(text));

        private void WriteWarning(string text) => Keep(_job.Warning, new WarningRecord(text));

        public void OnAcknowledged(in AckOutcome outcome) => _outcomes.Write(outcome);
    }
}
