using System;
using System.Collections.Generic;
using System.Linq;
using UdpPS.Benchmarks.Processes;

namespace UdpPS.Benchmarks;

/// <summary>What the command line asks for.</summary>
internal sealed class BenchmarkOptions
{
    internal const string Usage = "usage: [--quick] [--allow-debug] [--chart FILE.svg] [--only SCENARIO]...";

    private readonly HashSet<string> _only = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Fewer rounds, shorter ones: for a look while working, not for a claim.</summary>
    internal bool IsQuick { get; private set; }

    internal bool AllowsDebug { get; private set; }

    /// <summary>Where the chart is drawn; null for none.</summary>
    internal string? Chart { get; private set; }

    internal int Rounds => IsQuick ? 3 : 5;

    /// <summary>How long one thing is measured in one round.</summary>
    internal double Seconds => IsQuick ? 0.3 : 1;

    /// <summary>How many messages make a run warm: that many, twice.</summary>
    internal int WarmUpMessages => IsQuick ? 60_000 : 150_000;

    /// <summary>How many messages are many.</summary>
    internal long ManyMessages => IsQuick ? 100_000 : 1_000_000;

    /// <summary>How many messages are as many as are ever measured.</summary>
    internal long AllMessages => IsQuick ? 1_000_000 : 5_000_000;

    /// <summary>How many messages show what one more costs.</summary>
    internal int SomeMessages => IsQuick ? 20_000 : 100_000;

    internal static BenchmarkOptions Parse(string[] arguments, IReadOnlyCollection<string> scenarios)
    {
        var options = new BenchmarkOptions();
        for (int i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--quick": options.IsQuick = true; break;
                case "--allow-debug": options.AllowsDebug = true; break;
                case "--chart" when i + 1 < arguments.Length: options.Chart = arguments[++i]; break;
                case "--only" when i + 1 < arguments.Length && scenarios.Contains(arguments[i + 1]):
                    options._only.Add(arguments[++i]);
                    break;
                default:
                    throw new BenchmarkException($"{Usage}\nscenarios: {string.Join(", ", scenarios)}");
            }
        }

        return options;
    }

    internal bool Wants(string scenario) => _only.Count == 0 || _only.Contains(scenario);
}
