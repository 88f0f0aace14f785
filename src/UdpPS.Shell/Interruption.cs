using System;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;

namespace UdpPS.Shell;

/// <summary>
/// Turns Ctrl+C and SIGTERM into the cancellation of what runs. The next one, when that is still stopping, ends the process.
/// </summary>
internal sealed class Interruption : IDisposable
{
    // A held key repeats, and timeout(1) signals its child and then the child's whole group: what comes at once is one request.
    private static readonly TimeSpan OneRequest = TimeSpan.FromMilliseconds(250);

    // Longer than what can be stopped takes, shorter than service managers wait before they kill.
    private static readonly TimeSpan TerminationGrace = TimeSpan.FromSeconds(5);

    private readonly object _gate = new();
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;
    private CancellationTokenSource _source = new();
    private long _requestedAt;

    internal Interruption()
    {
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
    }

    /// <summary>Whether the process must end, rather than only what it runs.</summary>
    internal bool IsTerminating { get; private set; }

    /// <summary>Cancelled by the next signal.</summary>
    internal CancellationToken Token
    {
        get
        {
            lock (_gate)
            {
                return _source.Token;
            }
        }
    }

    /// <summary>What the process returns when it ends because of the signal.</summary>
    internal int ExitCode => IsTerminating ? Shell.ExitCode.Terminated : Shell.ExitCode.Interrupted;

    /// <summary>Forgets a Ctrl+C that has done its work.</summary>
    internal void Reset()
    {
        lock (_gate)
        {
            if (_source.IsCancellationRequested && !IsTerminating)
            {
                _source.Dispose();
                _source = new CancellationTokenSource();
            }
        }
    }

    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        lock (_gate)
        {
            _source.Dispose();
        }
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        lock (_gate)
        {
            if (context.Signal == PosixSignal.SIGTERM && !IsTerminating)
            {
                IsTerminating = true;
                Task.Delay(TerminationGrace).ContinueWith(_ => Environment.Exit(ExitCode), TaskScheduler.Default);
            }

            if (_source.IsCancellationRequested)
            {
                if (Stopwatch.GetElapsedTime(_requestedAt) > OneRequest)
                {
                    Environment.Exit(ExitCode);
                }

                return;
            }

            _requestedAt = Stopwatch.GetTimestamp();

            // Inside the lock, lest the source is disposed of by the very thread that this wakes up.
            _source.Cancel();
        }
    }
}
