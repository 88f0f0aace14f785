using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace UdpPS.Shell;

/// <summary>Reads and writes the console: errors on standard error, everything else on standard output, as pwsh does.</summary>
internal sealed class ShellUserInterface : PSHostUserInterface
{
    private readonly StandardInput _input;
    private readonly Interruption _interruption;
    private readonly Questions _questions;
    private readonly bool _colorsOutput = Terminal.TryEnableEscapes();
    private readonly bool _colorsErrors;
    private bool _outputIsError;

    internal ShellUserInterface(StandardInput input, Interruption interruption)
    {
        _input = input;
        _interruption = interruption;
        _questions = new Questions(this);
        _colorsErrors = _colorsOutput && !Console.IsErrorRedirected;
        PSStyle.Instance.OutputRendering = _colorsOutput ? OutputRendering.Host : OutputRendering.PlainText;
    }

    public override PSHostRawUserInterface RawUI { get; } = new ShellRawUserInterface();

    public override bool SupportsVirtualTerminal => _colorsOutput;

    public override string? ReadLine()
    {
        try
        {
            return _input.ReadLine(_interruption.Token);
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
    }

    public override SecureString ReadLineAsSecureString()
    {
        if (!StandardInput.IsRedirected)
        {
            throw new HostException("udpps cannot hide what is typed, and so asks for no passwords at a terminal.");
        }

        var secret = new SecureString();
        foreach (char character in ReadLine() ?? string.Empty)
        {
            secret.AppendChar(character);
        }

        return secret;
    }

    public override void Write(string value) => Console.Out.Write(GetOutputString(value, _colorsOutput));

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) =>
        Write(Colored(foregroundColor, backgroundColor, value));

    public override void WriteLine(string value)
    {
        if (_outputIsError)
        {
            WriteErrorLine(value);
        }
        else
        {
            Console.Out.WriteLine(GetOutputString(value, _colorsOutput));
        }
    }

    public override void WriteLine(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) =>
        WriteLine(Colored(foregroundColor, backgroundColor, value));

    public override void WriteErrorLine(string value)
    {
        // The views of errors hold empty lines that no PowerShell shows.
        if (!string.IsNullOrEmpty(value))
        {
            Console.Error.WriteLine(GetOutputString(Styled(FormatStyle.Error, value), _colorsErrors));
        }
    }

    public override void WriteWarningLine(string message) => WriteLine(Styled(FormatStyle.Warning, $"WARNING: {message}"));

    public override void WriteVerboseLine(string message) => WriteLine(Styled(FormatStyle.Verbose, $"VERBOSE: {message}"));

    public override void WriteDebugLine(string message) => WriteLine(Styled(FormatStyle.Debug, $"DEBUG: {message}"));

    /// <summary>Shows nothing: progress would have to share the lines of the output.</summary>
    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
    }

    public override Dictionary<string, PSObject> Prompt(
        string caption, string message, Collection<FieldDescription> descriptions) =>
        _questions.AskFields(caption, message, descriptions);

    public override int PromptForChoice(
        string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice) =>
        _questions.AskChoice(caption, message, choices, defaultChoice);

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        _questions.AskCredential(caption, message, userName);

    public override PSCredential PromptForCredential(
        string caption,
        string message,
        string userName,
        string targetName,
        PSCredentialTypes allowedCredentialTypes,
        PSCredentialUIOptions options) => _questions.AskCredential(caption, message, userName);

    /// <summary>Sends to standard error what <paramref name="format"/> prints. The engine's own way is not public.</summary>
    internal void WriteAsError(Action format)
    {
        _outputIsError = true;
        try
        {
            format();
        }
        finally
        {
            _outputIsError = false;
        }
    }

    private static string Styled(FormatStyle style, string text) =>
        GetFormatStyleString(style) + text + GetFormatStyleString(FormatStyle.Reset);

    // The terminal's own colours, which are not known, have numbers outside of the enumeration.
    private static string Colored(ConsoleColor foreground, ConsoleColor background, string text) =>
        (Enum.IsDefined(foreground) ? PSStyle.MapForegroundColorToEscapeSequence(foreground) : string.Empty)
        + (Enum.IsDefined(background) ? PSStyle.MapBackgroundColorToEscapeSequence(background) : string.Empty)
        + text
        + PSStyle.Instance.Reset;
}
