using System;
using System.Management.Automation.Runspaces;

namespace UdpPS.Shell;

/// <summary>One runspace with the module imported, and the exit code of what ran in it.</summary>
internal sealed class Session : IDisposable
{
    private readonly Interruption _interruption;
    private readonly StandardInput _input = new();
    private readonly ShellHost _host;
    private readonly Runspace _runspace;
    private readonly CommandRunner _runner;

    internal Session(Interruption interruption)
    {
        _interruption = interruption;
        _host = new ShellHost(_input, interruption);
        _runspace = ModuleRunspace.Open(_host);
        _runner = new CommandRunner(_runspace, _host, _input, interruption);
    }

    internal int Run(CommandLine commandLine)
    {
        try
        {
            return commandLine.Mode switch
            {
                CommandLineMode.Interactive => new Prompt(_runner, _host, _input, _interruption).Run(),
                CommandLineMode.File => ExitCodeOf(_runner.RunFile(commandLine.Text, commandLine.ScriptArguments)),
                _ => RunCommand(commandLine.Text),
            };
        }
        catch (OperationCanceledException)
        {
            return _interruption.ExitCode;
        }
    }

    public void Dispose() => _runspace.Dispose();

    private int RunCommand(string text)
    {
        if (text == CommandLine.StandardInput)
        {
            text = _input.ReadToEnd(_interruption.Token);
        }

        return ExitCodeOf(_runner.RunText(text, feedInput: true) && _runner.LastStatementSucceeded);
    }

    private int ExitCodeOf(bool succeeded) => _host.ExitCode ?? (succeeded ? ExitCode.Success : ExitCode.Failure);
}
