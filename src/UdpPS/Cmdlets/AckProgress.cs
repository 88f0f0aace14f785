using System;
using System.Globalization;
using System.Management.Automation;
using UdpPS.Sending;

namespace UdpPS.Commands;

/// <summary>Shows what has become of messages whose acks are waited for.</summary>
internal sealed class AckProgress
{
    private readonly ProgressBar _bar;
    private long _acknowledged;
    private long _failed;

    internal AckProgress(ProgressBar bar) => _bar = bar;

    internal static AckProgress For(Action<ProgressRecord> write) =>
        new(new ProgressBar(ProgressActivity.WaitingForAcks, "Waiting for acks", write, new ProgressPace()));

    internal void Note(in AckEvent happened)
    {
        if (!happened.IsSettled)
        {
            return;
        }

        if (happened.Message.Status == UdpSendStatus.Acknowledged)
        {
            _acknowledged++;
        }
        else
        {
            _failed++;
        }
    }

    internal void ShowIfDue(AckCollector collector)
    {
        if (_bar.Pace.IsDue())
        {
            Show(collector.InFlight, collector.InFlight == 1 ? collector.FirstWait : null);
        }
    }

    /// <inheritdoc cref="ProgressBar.Remove"/>
    internal void Remove() => _bar.Remove();

    /// <inheritdoc cref="ProgressBar.TryRemove"/>
    internal void TryRemove() => _bar.TryRemove();

    /// <param name="inFlight">Messages that are not settled.</param>
    /// <param name="only">How it waits, if it is just one.</param>
    internal void Show(int inFlight, AckWait? only)
    {
        long sent = _acknowledged + _failed + inFlight;
        string status = $"{sent} sent, {_acknowledged} acknowledged, {_failed} failed, {inFlight} in flight";
        if (only is not { } wait)
        {
            _bar.Show(status, null, null);
            return;
        }

        double? secondsLeft = wait.Seconds > 0 ? wait.End.RemainingSeconds : null;
        bool isVerdictNext = sent == 1 && wait.Attempt == wait.MaximumAttempts;
        _bar.Show(
            wait.MaximumAttempts == 1 ? status : sent == 1 ? AttemptOf(wait) : $"{status}; {AttemptOf(wait)}",
            isVerdictNext && secondsLeft is { } seconds ? 1 - (seconds / wait.Seconds) : null,
            isVerdictNext ? secondsLeft : null);
    }

    private static string AttemptOf(in AckWait wait)
    {
        string attempt = $"attempt {wait.Attempt} of {wait.MaximumAttempts}";
        string seconds = Math.Ceiling(wait.End.RemainingSeconds).ToString(CultureInfo.InvariantCulture);
        return wait.Attempt == wait.MaximumAttempts ? attempt : $"{attempt}, next in {seconds} s";
    }
}
