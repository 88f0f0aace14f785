using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;

namespace UdpPS.Benchmarks.Processes;

/// <summary>The peers that are not .NET: C, compiled on the spot, and Python. What the machine has not got is null.</summary>
internal sealed class Programs : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("UdpPS.Benchmarks.");
    private readonly string? _compiler = Find("cc");
    private readonly List<string> _notes = [];

    internal Programs()
    {
        CLoop = Compile("loop");
        CBatches = OperatingSystem.IsLinux() ? Compile("batches") : null;
        CSend = Compile("send");
        if (_compiler is null)
        {
            _notes.Add("There is no `cc` here: the C peers are missing.");
        }

        if (Python is null)
        {
            _notes.Add("There is no `python3` here: the Python peers are missing.");
        }
    }

    internal string? CLoop { get; }

    internal string? CBatches { get; }

    internal string? CSend { get; }

    internal string? Python { get; } = OperatingSystem.IsWindows() ? null : Find("python3");

    internal string? PowerShell { get; } = Find("pwsh");

    internal IReadOnlyList<string> Notes => _notes;

    internal static string PathOf(string peer) => Path.Combine(AppContext.BaseDirectory, "Peers", peer);

    /// <inheritdoc/>
    public void Dispose() => _folder.Delete(recursive: true);

    private static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
        .Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? program + ".exe" : program))
        .FirstOrDefault(File.Exists);

    private string? Compile(string peer)
    {
        if (_compiler is null)
        {
            return null;
        }

        string program = Path.Combine(_folder.FullName, peer);
        using Process compiler = Process.Start(_compiler, ["-O2", "-Wall", "-o", program, PathOf(peer + ".c")]);
        compiler.WaitForExit();
        return compiler.ExitCode == 0 ? program : throw new BenchmarkException($"cc does not compile {peer}.c");
    }
}
