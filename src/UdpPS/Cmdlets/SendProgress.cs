using System;
using System.Management.Automation;

namespace UdpPS.Commands;

/// <summary>Shows how many messages have been sent, and how many of what was given last are to go.</summary>
internal sealed class SendProgress
{
    private readonly double _delay;
    private readonly ProgressBar _bar;
    private long _sent;
    private long _failed;
    private long _given;
    private long _done;

    /// <param name="delay">Seconds between two sends.</param>
    /// <param name="bar">Where it is shown.</param>
    internal SendProgress(double delay, ProgressBar bar)
    {
        _delay = delay;
        _bar = bar;
    }

    /// <summary>Seconds until it wants to show something.</summary>
    internal double PatienceSeconds => _bar.Pace.RemainingMilliseconds / 1000.0;

    internal static SendProgress For(double delay, Action<ProgressRecord> write) =>
        new(delay, new ProgressBar(ProgressActivity.Sending, "Sending messages", write, new ProgressPace()));

    /// <summary>More was given to send.</summary>
    /// <param name="sends">How many messages that will be.</param>
    internal void Begin(long sends)
    {
        _given = sends;
        _done = 0;
    }

    internal void NoteSent(int count = 1)
    {
        _sent += count;
        _done += count;
        ShowIfDue(_delay);
    }

    /// <param name="passedOver">How many messages it keeps from being sent, itself included.</param>
    internal void NoteFailure(long passedOver)
    {
        _failed++;
        _done += passedOver;
        ShowIfDue(_delay);
    }

    /// <param name="secondsToNext">How long the next message waits.</param>
    internal void ShowIfDue(double secondsToNext)
    {
        if (_bar.Pace.IsDue())
        {
            Show(secondsToNext);
        }
    }

    /// <inheritdoc cref="ProgressBar.Remove"/>
    internal void Remove() => _bar.Remove();

    /// <inheritdoc cref="ProgressBar.TryRemove"/>
    internal void TryRemove() => _bar.TryRemove();

    // Lists in lists are more than was expected: then nobody knows. And one message alone has no share.
    private void Show(double secondsToNext)
    {
        long left = _given - _done;
        bool isKnown = _given > 1 && left >= 0;
        bool isTimed = isKnown && left > 0 && _delay > 0;
        _bar.Show(
            $"{_sent} sent" + (_failed > 0 ? $", {_failed} failed" : null) + (isKnown ? $", {left} to go" : null),
            isKnown ? (double)_done / _given : null,
            isTimed ? secondsToNext + ((left - 1) * _delay) : null);
    }
}
