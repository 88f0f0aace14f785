using System;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace UdpPS.Sockets;

/// <summary>One look-up of a name, under way or done.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class NameLookUp : IDisposable
{
    private readonly object _lock = new();
    private readonly TaskCompletionSource<bool> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _lifetimeTicks;
    private Timer? _timer;
    private IPAddress[] _addresses = Array.Empty<IPAddress>();
    private SocketException? _failure;
    private long _completedAt;

    /// <param name="name">What is looked up.</param>
    /// <param name="lifetimeSeconds">How long the result counts.</param>
    internal NameLookUp(string name, double lifetimeSeconds)
    {
        Name = name;
        _lifetimeTicks = (long)(lifetimeSeconds * Stopwatch.Frequency);
    }

    internal string Name { get; }

    /// <summary>Ends when the look-up is done, and never fails.</summary>
    internal Task Completion => _completion.Task;

    internal bool IsCompleted => _completion.Task.IsCompleted;

    /// <summary>Whether it is under way, or its result still counts.</summary>
    internal bool IsCurrent
    {
        get
        {
            lock (_lock)
            {
                return _completedAt == 0 || Stopwatch.GetTimestamp() - _completedAt < _lifetimeTicks;
            }
        }
    }

    /// <summary>What was found, once it is done.</summary>
    /// <exception cref="SocketException">Nothing was; <see cref="SocketError.TimedOut"/> when no answer came in time.</exception>
    internal IPAddress[] Addresses
    {
        get
        {
            lock (_lock)
            {
                return _failure is null ? _addresses : throw new SocketException((int)_failure.SocketErrorCode);
            }
        }
    }

    /// <summary>Starts the time limit.</summary>
    /// <param name="limitSeconds">When it has failed, unless there is a result.</param>
    /// <param name="onTimeout">Called then.</param>
    internal void Begin(double limitSeconds, Action onTimeout)
    {
        lock (_lock)
        {
            _timer = new Timer(_ => TimeOut(onTimeout), null, TimeSpan.FromSeconds(limitSeconds), Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Takes the answer. One that comes after the time limit counts from now on.</summary>
    /// <returns>Whether it came within the limit.</returns>
    internal bool Complete(IPAddress[] addresses)
    {
        bool isInTime;
        lock (_lock)
        {
            isInTime = _completedAt == 0;
            _addresses = addresses;
            _failure = null;
            _completedAt = Stopwatch.GetTimestamp();
        }

        End();
        return isInTime;
    }

    /// <summary>Takes a failure, unless there is a result already.</summary>
    /// <returns>Whether there was none.</returns>
    internal bool Fail(SocketError error)
    {
        bool isFirst;
        lock (_lock)
        {
            isFirst = _completedAt == 0;
            if (isFirst)
            {
                _failure = new SocketException((int)error);
                _completedAt = Stopwatch.GetTimestamp();
            }
        }

        End();
        return isFirst;
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _timer?.Dispose();
        }
    }

    private void TimeOut(Action onTimeout)
    {
        if (Fail(SocketError.TimedOut))
        {
            onTimeout();
        }
    }

    private void End()
    {
        Dispose();
        _completion.TrySetResult(true);
    }
}
