using System;
using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Threading.Tasks;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Peers;

/// <summary>A program that somebody else wrote, at the other end of the wire. It ends with the test at the latest.</summary>
internal sealed class PeerProcess : IDisposable
{
    // ENOENT and ERROR_FILE_NOT_FOUND alike.
    private const int NotFound = 2;

    private readonly string _program;
    private readonly Process _process;
    private readonly Task<string> _errors;

    private PeerProcess(string program, Process process)
    {
        _program = program;
        _process = process;

        // Read all along: a peer that complains a lot would block on a full pipe.
        _errors = process.StandardError.ReadToEndAsync();
    }

    internal bool HasExited => _process.HasExited;

    /// <summary>Starts a program of the PATH. Where it is not installed the test is skipped.</summary>
    internal static PeerProcess Start(string program, params string[] arguments)
    {
        var encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = encoding,
            StandardOutputEncoding = encoding,
            StandardErrorEncoding = encoding,
            UseShellExecute = false,
        };
        try
        {
            return new PeerProcess(program, Process.Start(start)!);
        }
        catch (Win32Exception exception) when (exception.NativeErrorCode == NotFound)
        {
            RequiredLeg.Skip(RequiredLeg.Peers, $"{program} is not installed");
            throw;
        }
    }

    /// <summary>Types a line. Its end is the same everywhere, because netcat and socat send it as part of the message.</summary>
    internal void WriteLine(string line)
    {
        _process.StandardInput.Write(line + "\n");
        _process.StandardInput.Flush();
    }

    internal void CloseInput() => _process.StandardInput.Close();

    /// <summary>Waits for the next line of output.</summary>
    internal string ReadLine()
    {
        string? line = WaitFor(_process.StandardOutput.ReadLineAsync(), "a line");
        if (line is null)
        {
            Assert.Fail($"{_program} ended without another line. {Complaints()}");
        }

        return line;
    }

    /// <summary>Waits for so many characters of output, for answers that are shown as they came, without a line's end.</summary>
    internal string Read(int length)
    {
        char[] text = new char[length];
        int read = WaitFor(_process.StandardOutput.ReadBlockAsync(text, 0, length), $"{length} characters");
        if (read < length)
        {
            Assert.Fail($"{_program} ended after '{new string(text, 0, read)}'. {Complaints()}");
        }

        return new string(text);
    }

    /// <summary>Waits for the rest of the output.</summary>
    internal string ReadToEnd() => WaitFor(_process.StandardOutput.ReadToEndAsync(), "the rest of its output");

    /// <summary>Waits for the program to end by itself.</summary>
    /// <returns>The exit code.</returns>
    internal int WaitForExit()
    {
        Assert.True(_process.WaitForExit(Until.Deadline), $"{_program} does not end");
        return _process.ExitCode;
    }

    /// <summary>What the program, which has ended, wrote to its error stream.</summary>
    internal string Complaints() => WaitFor(_errors, "its errors").Trim();

    /// <summary>Ends the program, gives it no chance to say goodbye, and waits until it is gone.</summary>
    internal void Kill()
    {
        // Servers fork one child for each client.
        _process.Kill(entireProcessTree: true);
        WaitForExit();
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    private T WaitFor<T>(Task<T> reading, string what)
    {
        Assert.True(reading.Wait(Until.Deadline), $"Not within {Until.Deadline.TotalSeconds} s: {_program} prints {what}");
        return reading.Result;
    }
}
