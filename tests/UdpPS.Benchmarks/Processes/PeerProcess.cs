using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using UdpPS.Benchmarks.Roles;

namespace UdpPS.Benchmarks.Processes;

/// <summary>A process that is measured, or measures. It ends when its standard input does.</summary>
internal sealed class PeerProcess : IDisposable
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(2);

    private readonly string _name;
    private readonly Process _process;

    private PeerProcess(string program, string[] arguments)
    {
        _name = Path.GetFileName(program);
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        _process = Process.Start(start)!;
    }

    internal int Id => _process.Id;

    internal TimeSpan ProcessorTime => Fresh().TotalProcessorTime;

    internal long WorkingSet => Fresh().WorkingSet64;

    internal long PeakWorkingSet => Fresh().PeakWorkingSet64;

    internal static PeerProcess Start(string program, params string[] arguments) => new(program, arguments);

    /// <summary>Starts this program once more.</summary>
    internal static PeerProcess StartRole(string role, params string[] arguments)
    {
        string extension = OperatingSystem.IsWindows() ? ".exe" : string.Empty;
        string self = Path.Combine(AppContext.BaseDirectory, typeof(PeerProcess).Assembly.GetName().Name + extension);
        return new PeerProcess(self, [RoleProgram.Marker, role, .. arguments]);
    }

    internal int ReadPort() => int.Parse(ReadAfter("port "), CultureInfo.InvariantCulture);

    internal double ReadSeconds() => double.Parse(ReadAfter("seconds "), CultureInfo.InvariantCulture);

    internal void ReadReady() => ReadAfter("ready");

    internal string ReadAfter(string prefix)
    {
        string line = ReadLine();
        return line.StartsWith(prefix, StringComparison.Ordinal)
            ? line[prefix.Length..]
            : throw new BenchmarkException($"{_name}: {line}");
    }

    /// <summary>Types a line, and reads the line that answers it: numbers.</summary>
    internal double[] Ask(string line)
    {
        Type(line);
        string answer = ReadLine();
        return answer.Length > 0 && char.IsAsciiDigit(answer[0])
            ? answer.Split(' ').Select(word => double.Parse(word, CultureInfo.InvariantCulture)).ToArray()
            : throw new BenchmarkException($"{_name}: {answer}");
    }

    internal void Type(string line)
    {
        _process.StandardInput.Write(line + "\n");
        _process.StandardInput.Flush();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(EndTimeout))
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private string ReadLine()
    {
        try
        {
            return _process.StandardOutput.ReadLineAsync().WaitAsync(AnswerTimeout).GetAwaiter().GetResult()
                ?? throw new BenchmarkException($"{_name} has ended");
        }
        catch (TimeoutException)
        {
            throw new BenchmarkException($"{_name} says nothing");
        }
    }

    private Process Fresh()
    {
        _process.Refresh();
        return _process;
    }
}
