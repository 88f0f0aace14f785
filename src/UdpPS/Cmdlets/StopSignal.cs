using System;
using System.Management.Automation;
using System.Threading;

namespace UdpPS.Commands;

/// <summary>Tells a cmdlet's waits that the user wants to stop. May be given from any thread, also after the end.</summary>
internal sealed class StopSignal : IDisposable
{
    private readonly CancellationTokenSource _source = new();

    internal StopSignal() => Token = _source.Token;

    /// <summary>Usable after <see cref="Dispose"/> too.</summary>
    internal CancellationToken Token { get; }

    internal void Stop()
    {
        try
        {
            _source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Ctrl+C met the end of the command: there is nothing left to stop.
        }
    }

    /// <summary>Waits for so many seconds.</summary>
    /// <exception cref="PipelineStoppedException">The user wanted to stop.</exception>
    internal void Delay(double seconds)
    {
        Deadline end = Deadline.After(seconds);
        while (end.RemainingMilliseconds is > 0 and int remaining)
        {
            if (Token.WaitHandle.WaitOne(remaining))
            {
                throw new PipelineStoppedException();
            }
        }
    }

    public void Dispose() => _source.Dispose();
}
