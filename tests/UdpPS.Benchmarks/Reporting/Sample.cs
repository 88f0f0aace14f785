using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace UdpPS.Benchmarks.Reporting;

/// <summary>What the rounds gave for one thing.</summary>
internal sealed class Sample
{
    private readonly double[] _rounds;
    private readonly double[] _sorted;

    internal Sample(IEnumerable<double> rounds)
    {
        _rounds = rounds.ToArray();
        _sorted = _rounds.Order().ToArray();
    }

    internal double Median => (_sorted[(_sorted.Length - 1) / 2] + _sorted[_sorted.Length / 2]) / 2;

    internal double Minimum => _sorted[0];

    internal double Maximum => _sorted[^1];

    /// <summary>The ratio within each round: what slowed the whole machine down for a while slowed both.</summary>
    internal Sample Against(Sample other) => new(_rounds.Zip(other._rounds, (mine, its) => mine / its));

    /// <summary>The difference within each round.</summary>
    internal Sample Over(Sample other) => new(_rounds.Zip(other._rounds, (mine, its) => mine - its));

    internal Sample Select(Func<double, double> change) => new(_rounds.Select(change));

    /// <summary>The median, and the least and the most in parentheses.</summary>
    internal string Show(string format) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Text(Median, format)} ({Text(Minimum, format)} - {Text(Maximum, format)})");

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
