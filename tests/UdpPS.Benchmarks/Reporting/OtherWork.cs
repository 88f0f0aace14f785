using System;
using System.Globalization;
using System.IO;
using System.Linq;

namespace UdpPS.Benchmarks.Reporting;

/// <summary>What else the machine was busy with, or was not given, while it measured (Linux): such numbers are worth less.</summary>
internal sealed class OtherWork
{
    // /proc/stat: cpu user nice system idle iowait irq softirq steal
    private static readonly int[] BusyFields = [1, 2, 3, 6, 7, 8];
    private const int AllFields = 8;

    // proc_pid_stat(5), counted from the state on, which follows the name: utime, stime, cutime, cstime.
    private const int FirstOwnField = 11;
    private const int OwnFields = 4;

    private readonly (double Busy, double All, double Own)? _start = Read();

    /// <summary>The share of all processor time that neither this process nor its ended children took. Null: not known.</summary>
    internal double? Share
    {
        get
        {
            if (_start is not { } start || Read() is not { } end || end.All <= start.All)
            {
                return null;
            }

            return Math.Max(0, (end.Busy - start.Busy - (end.Own - start.Own)) / (end.All - start.All));
        }
    }

    private static (double Busy, double All, double Own)? Read()
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        string[] machine = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string status = File.ReadAllText("/proc/self/stat");
        string[] own = status[(status.LastIndexOf(')') + 2)..].Split(' ');
        return (
            BusyFields.Sum(field => Number(machine[field])),
            machine.Skip(1).Take(AllFields).Sum(Number),
            own.Skip(FirstOwnField).Take(OwnFields).Sum(Number));
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
