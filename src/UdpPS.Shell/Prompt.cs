using System;
using System.Linq;
using System.Management.Automation.Language;

namespace UdpPS.Shell;

/// <summary>Reads commands and runs them until 'exit', the end of the input, or SIGTERM.</summary>
internal sealed class Prompt(CommandRunner runner, ShellHost host, StandardInput input, Interruption interruption)
{
    private const string FallbackPrompt = "PS> ";
    private const string ContinuationPrompt = ">> ";

    internal int Run()
    {
        while (host.ExitCode is null)
        {
            try
            {
                if (ReadCommand() is not { } command)
                {
                    Show(Environment.NewLine);
                    return ExitCode.Success;
                }

                runner.RunText(command, feedInput: false);
            }
            catch (OperationCanceledException) when (!interruption.IsTerminating)
            {
                Show(Environment.NewLine);
                interruption.Reset();
            }
        }

        return host.ExitCode.Value;
    }

    private string? ReadCommand()
    {
        Show(runner.Evaluate("prompt") is [.., var prompt] ? prompt.ToString() : FallbackPrompt);
        string? command = input.ReadLine(interruption.Token);
        while (command is not null && IsIncomplete(command))
        {
            Show(ContinuationPrompt);
            if (input.ReadLine(interruption.Token) is not { Length: > 0 } line)
            {
                break;
            }

            command += Environment.NewLine + line;
        }

        return command;
    }

    private static bool IsIncomplete(string command)
    {
        Parser.ParseInput(command, out _, out ParseError[] errors);
        return errors.Any(error => error.IncompleteInput);
    }

    private void Show(string text)
    {
        if (!StandardInput.IsRedirected)
        {
            host.UI.Write(text);
        }
    }
}
