using System;
using System.Threading;

namespace UdpPS.Tests.Infrastructure;

/// <summary>Holds a pipeline at a place until the test lets it go on. Public, so that a script may call it.</summary>
public sealed class Gate : IDisposable
{
    private readonly ManualResetEventSlim _open = new();
    private int _arrived;

    /// <summary>How often the gate was reached.</summary>
    public int Arrived => Volatile.Read(ref _arrived);

    /// <summary>Waits until the gate is open.</summary>
    public void Pass()
    {
        Interlocked.Increment(ref _arrived);

        // Longer than the test waits for what must come meanwhile: else that would come when the gate opens by itself.
        _open.Wait(Until.Deadline + Until.Deadline);
    }

    public void Open() => _open.Set();

    public void Dispose() => _open.Dispose();
}
