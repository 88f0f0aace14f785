using System.Collections.Generic;
using System.Globalization;

namespace UdpPS.Benchmarks.Reporting;

/// <summary>What is to be reached, and whether it was.</summary>
internal sealed class Targets
{
    private readonly List<string[]> _rows = [];

    internal void AtLeast(string what, Sample? measured, double target)
    {
        if (measured is not null)
        {
            Add(what, measured.Show("0.00"), $"at least {Text(target)}", measured.Median >= target);
        }
    }

    internal void AtMost(string what, Sample? measured, double target, string unit = "")
    {
        if (measured is not null)
        {
            Add(what, measured.Show("0.00") + unit, $"at most {Text(target)}{unit}", measured.Median <= target);
        }
    }

    internal void Add(string what, string measured, string target, bool isReached) =>
        _rows.Add([what, measured, target, isReached ? "pass" : "**MISS**"]);

    internal void Print()
    {
        if (_rows.Count == 0)
        {
            return;
        }

        var table = new Table("target", "measured", "to reach", "");
        _rows.ForEach(row => table.Add(row));
        table.Print("Targets");
    }

    private static string Text(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
