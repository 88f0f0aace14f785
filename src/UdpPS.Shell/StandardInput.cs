using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Win32.SafeHandles;

namespace UdpPS.Shell;

/// <summary>Standard input whose reads can be given up, which those of <see cref="Console"/> cannot.</summary>
internal sealed class StandardInput
{
    // Windows ends a read at Ctrl+C a moment before it reports the key.
    private static readonly TimeSpan InterruptionDelay = TimeSpan.FromMilliseconds(200);

    private readonly TextReader _reader = Open();
    private Task<string?>? _pending;

    /// <summary>Whether nobody types at it.</summary>
    internal static bool IsRedirected => Console.IsInputRedirected;

    /// <returns>The next line, or <see langword="null"/> at the end of the input.</returns>
    internal string? ReadLine(CancellationToken cancellation)
    {
        // A read that was given up still waits in the terminal: the next caller takes it over.
        _pending ??= Task.Run(_reader.ReadLine, CancellationToken.None);
        string? line = _pending.WaitAsync(cancellation).GetAwaiter().GetResult();
        _pending = null;
        if (line is null && !IsRedirected && OperatingSystem.IsWindows())
        {
            cancellation.WaitHandle.WaitOne(InterruptionDelay);
            cancellation.ThrowIfCancellationRequested();
        }

        return line;
    }

    /// <returns>All that is left.</returns>
    internal string ReadToEnd(CancellationToken cancellation) =>
        Task.Run(_reader.ReadToEnd, CancellationToken.None).WaitAsync(cancellation).GetAwaiter().GetResult();

    // Console.In edits the line itself, and would keep what was typed before Ctrl+C for the next one;
    // the terminal's own editing forgets it.
    private static TextReader Open() => IsRedirected || OperatingSystem.IsWindows()
        ? Console.In
        : new StreamReader(new FileStream(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read), Console.InputEncoding);
}
