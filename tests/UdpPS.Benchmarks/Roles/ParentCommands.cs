using System;
using System.Collections.Concurrent;
using System.Threading;

namespace UdpPS.Benchmarks.Roles;

/// <summary>
/// The lines that the measuring process types into this one. Their end is the end of this process at once, whatever it is
/// at: nothing is left behind when the measuring process dies.
/// </summary>
internal sealed class ParentCommands
{
    private readonly BlockingCollection<string> _lines = [];

    internal ParentCommands() => new Thread(Read) { IsBackground = true }.Start();

    internal string Next() => _lines.Take();

    private void Read()
    {
        while (Console.In.ReadLine() is { } line)
        {
            _lines.Add(line);
        }

        Environment.Exit(0);
    }
}
