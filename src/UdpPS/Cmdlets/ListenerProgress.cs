using System;
using System.Management.Automation;
using UdpPS.Listening;

namespace UdpPS.Commands;

/// <summary>Shows how far a listener is that ends after so many messages or seconds.</summary>
internal sealed class ListenerProgress : IDeliveryProgress
{
    // Slower than the pace: nothing but the time that is left changes meanwhile.
    private const double QuietSeconds = 1;

    private readonly DeliveryLimits _limits;
    private readonly ProgressBar _bar;
    private long _noted;
    private long _shown = -1;

    internal ListenerProgress(DeliveryLimits limits, ProgressBar bar)
    {
        _limits = limits;
        _bar = bar;
    }

    public double IntervalSeconds => _limits.TimeoutSeconds > 0 || _noted != _shown ? QuietSeconds : 0;

    /// <param name="limits">When the listener ends.</param>
    /// <param name="localAddress">The address it listens on, as it is shown.</param>
    /// <param name="port">And its port.</param>
    /// <param name="write">Where progress is shown.</param>
    /// <returns>Null when the listener has no limit.</returns>
    internal static ListenerProgress? For(
        DeliveryLimits limits, string localAddress, int port, Action<ProgressRecord> write) =>
        limits is { Count: 0, TimeoutSeconds: 0 }
            ? null
            : new ListenerProgress(limits, new ProgressBar(
                ProgressActivity.Listening, ListenerTexts.ListeningOn(localAddress, port), write, new ProgressPace()));

    public void Report(long delivered, Deadline end)
    {
        _noted = delivered;
        if (_bar.Pace.IsDue())
        {
            _shown = delivered;
            double? secondsLeft = _limits.TimeoutSeconds > 0 ? end.RemainingSeconds : null;
            _bar.Show(ListenerTexts.Received(delivered, _limits.Count), ShareOf(delivered, secondsLeft), secondsLeft);
        }
    }

    /// <inheritdoc cref="ProgressBar.Remove"/>
    internal void Remove() => _bar.Remove();

    /// <inheritdoc cref="ProgressBar.TryRemove"/>
    internal void TryRemove() => _bar.TryRemove();

    private double ShareOf(long delivered, double? secondsLeft)
    {
        double ofCount = _limits.Count > 0 ? (double)delivered / _limits.Count : 0;
        double ofTime = secondsLeft is { } seconds ? 1 - (seconds / _limits.TimeoutSeconds) : 0;
        return Math.Max(ofCount, ofTime);
    }
}
