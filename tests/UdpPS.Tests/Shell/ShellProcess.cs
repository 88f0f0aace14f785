using System;
using System.Diagnostics;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Shell;

/// <summary>The built shell in a process of its own, which does not outlive the test.</summary>
internal sealed class ShellProcess : IDisposable
{
    private static readonly TimeSpan SignalInterval = TimeSpan.FromMilliseconds(300);

    private readonly CancellationTokenSource _deadline =
        CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

    private readonly Process _process;
    private readonly Task<string> _errors;

    private ShellProcess(Process process)
    {
        _process = process;
        _deadline.CancelAfter(Until.Deadline);
        _errors = process.StandardError.ReadToEndAsync(_deadline.Token);
    }

    // The tests are built like the shell: .../bin/<configuration>/<framework>/
    private static string Assembly
    {
        get
        {
            var framework = new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
            return Path.Combine(
                Repository.Root, "src", "UdpPS.Shell", "bin", framework.Parent!.Name, framework.Name, "UdpPS.Shell.dll");
        }
    }

    internal static ShellProcess Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Assembly, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return new ShellProcess(Process.Start(start)!);
    }

    /// <summary>Runs the shell to its end.</summary>
    internal static Task<ShellResult> RunAsync(params string[] arguments) => RunWithInputAsync(string.Empty, arguments);

    /// <inheritdoc cref="RunAsync"/>
    internal static async Task<ShellResult> RunWithInputAsync(string input, params string[] arguments)
    {
        using ShellProcess shell = Start(arguments);
        await shell._process.StandardInput.WriteAsync(input.AsMemory(), shell._deadline.Token);
        shell._process.StandardInput.Close();
        return await shell.WaitForEndAsync();
    }

    internal async Task<string?> ReadLineAsync() => await _process.StandardOutput.ReadLineAsync(_deadline.Token);

    internal async Task SignalAsync(string name)
    {
        using Process kill = Process.Start("kill", ["-" + name, $"{_process.Id}"]);
        await kill.WaitForExitAsync(_deadline.Token);
    }

    /// <summary>Repeats a signal, as an impatient user does, until the process is gone.</summary>
    internal async Task SignalUntilEndAsync(string name)
    {
        do
        {
            await SignalAsync(name);
        }
        while (!_process.WaitForExit(SignalInterval));
    }

    /// <returns>What it printed that has not been read yet, and how it ended.</returns>
    internal async Task<ShellResult> WaitForEndAsync()
    {
        string output = await _process.StandardOutput.ReadToEndAsync(_deadline.Token);
        string errors = await _errors;
        await _process.WaitForExitAsync(_deadline.Token);
        return new ShellResult(_process.ExitCode, output, errors);
    }

    public void Dispose()
    {
        // A process that has ended is left alone.
        _process.Kill(entireProcessTree: true);
        _process.Dispose();
        _deadline.Dispose();
    }
}
