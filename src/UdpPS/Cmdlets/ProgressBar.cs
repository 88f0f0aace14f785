using System;
using System.Management.Automation;

namespace UdpPS.Commands;

/// <summary>What a command shows of how far it is.</summary>
internal sealed class ProgressBar
{
    private const int Unknown = -1;

    private readonly ProgressActivity _activity;
    private readonly string _title;
    private readonly Action<ProgressRecord> _write;
    private bool _isShown;

    /// <param name="activity">Which one it is.</param>
    /// <param name="title">What is being done.</param>
    /// <param name="write">Where it is shown.</param>
    /// <param name="pace">When it is shown: for its user to ask.</param>
    internal ProgressBar(ProgressActivity activity, string title, Action<ProgressRecord> write, ProgressPace pace)
    {
        _activity = activity;
        _title = title;
        _write = write;
        Pace = pace;
    }

    internal ProgressPace Pace { get; }

    /// <param name="status">How far it is.</param>
    /// <param name="share">Done, of 1; null where nobody knows.</param>
    /// <param name="secondsRemaining">Null where nobody knows.</param>
    internal void Show(string status, double? share, double? secondsRemaining)
    {
        _isShown = true;
        _write(new ProgressRecord((int)_activity, _title, status)
        {
            PercentComplete = share is { } part ? (int)(100 * Math.Min(1, part)) : Unknown,
            SecondsRemaining = secondsRemaining is { } seconds ? (int)Math.Min(int.MaxValue, Math.Ceiling(seconds)) : Unknown,
        });
    }

    /// <summary>Takes it away, if it is shown.</summary>
    internal void Remove()
    {
        if (_isShown)
        {
            _isShown = false;
            _write(new ProgressRecord((int)_activity, _title, _title) { RecordType = ProgressRecordType.Completed });
        }
    }

    /// <summary>As <see cref="Remove"/>, for Dispose, which alone runs when the pipeline was ended from downstream.</summary>
    internal void TryRemove()
    {
        try
        {
            Remove();
        }
        catch (Exception exception) when (exception is RuntimeException or InvalidOperationException)
        {
            // Ctrl+C: nothing can be shown any more, and the host itself clears away what is left.
        }
    }
}
