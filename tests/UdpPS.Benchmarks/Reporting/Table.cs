using System;
using System.Collections.Generic;
using System.Linq;

namespace UdpPS.Benchmarks.Reporting;

/// <summary>A Markdown table: texts to the left, numbers to the right.</summary>
internal sealed class Table(params string[] headings)
{
    private readonly List<string[]> _rows = [];

    internal void Add(params string[] cells) => _rows.Add(cells);

    internal void Print(string title)
    {
        Console.WriteLine($"### {title}");
        Console.WriteLine();
        Console.WriteLine(Line(headings));
        Console.WriteLine(Line(headings.Select((_, column) => column == 0 ? "---" : "---:")));
        foreach (string[] row in _rows)
        {
            Console.WriteLine(Line(row));
        }

        Console.WriteLine();
    }

    private static string Line(IEnumerable<string> cells) =>
        $"| {string.Join(" | ", cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal)))} |";
}
