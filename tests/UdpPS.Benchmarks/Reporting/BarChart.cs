using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Security;
using System.Text;

namespace UdpPS.Benchmarks.Reporting;

/// <summary>A bar chart of ratios, as SVG: legible on light and on dark, and with its figures as text.</summary>
internal sealed class BarChart
{
    private const int Width = 760;
    private const int LabelWidth = 430;
    private const int RowHeight = 44;
    private const int BarHeight = 16;
    private const int Top = 34;
    private const int ValueWidth = 50;

    private readonly List<(string What, string Peer, double Ratio)> _bars = [];

    /// <param name="what">What was measured.</param>
    /// <param name="peer">What it is compared with.</param>
    /// <param name="ratio">Null where one of both is not there.</param>
    internal void Add(string what, string peer, Sample? ratio)
    {
        if (ratio is not null)
        {
            _bars.Add((what, peer, ratio.Median));
        }
    }

    internal void Write(string path)
    {
        double largest = 1;
        var description = new StringBuilder();
        foreach ((string what, string peer, double ratio) in _bars)
        {
            largest = double.Max(largest, ratio);
            description.Append(CultureInfo.InvariantCulture, $"{what}: {ratio:0.00} times {peer}. ");
        }

        double scale = (Width - LabelWidth - ValueWidth) / largest;
        int height = Top + (RowHeight * _bars.Count);
        string one = Text(LabelWidth + scale);
        var svg = new StringBuilder(
            $"""
            <svg xmlns="http://www.w3.org/2000/svg" width="{Width}" height="{height}" viewBox="0 0 {Width} {height}" role="img">
            <title>How many times as fast as others</title>
            <desc>{Escape(description.ToString().TrimEnd())}</desc>
            <style>
            text {"{"} font: 13px system-ui, sans-serif; fill: #1f2328; {"}"}
            .peer {"{"} fill: #59636e; {"}"}
            .bar {"{"} fill: #0969da; {"}"}
            .one {"{"} stroke: #59636e; stroke-dasharray: 3 3; {"}"}
            @media (prefers-color-scheme: dark) {"{"}
            text {"{"} fill: #f0f6fc; {"}"}
            .peer {"{"} fill: #9198a1; {"}"}
            .bar {"{"} fill: #4493f8; {"}"}
            .one {"{"} stroke: #9198a1; {"}"}
            {"}"}
            </style>
            <text class="peer" x="{one}" y="16" text-anchor="middle">as fast as</text>
            <line class="one" x1="{one}" y1="{Top - 10}" x2="{one}" y2="{height - 6}"/>

            """);
        for (int i = 0; i < _bars.Count; i++)
        {
            (string what, string peer, double ratio) = _bars[i];
            int y = Top + (i * RowHeight);
            svg.Append(CultureInfo.InvariantCulture,
                $"""
                <text x="0" y="{y + 10}">{Escape(what)}</text>
                <text class="peer" x="0" y="{y + 27}">{Escape(peer)}</text>
                <rect class="bar" x="{LabelWidth}" y="{y + 3}" width="{Text(ratio * scale)}" height="{BarHeight}"/>
                <text x="{Text(LabelWidth + (ratio * scale) + 6)}" y="{y + 16}">{ratio:0.00}</text>

                """);
        }

        svg.Append("</svg>\n");
        File.WriteAllText(path, svg.ToString());
    }

    private static string Escape(string text) => SecurityElement.Escape(text)!;

    private static string Text(double value) => value.ToString("0.0", CultureInfo.InvariantCulture);
}
