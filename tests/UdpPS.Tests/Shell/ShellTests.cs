using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace UdpPS.Tests.Shell;

/// <summary>The shell behaves as pwsh does, seen from the process that starts it.</summary>
public sealed class ShellTests : IDisposable
{
    private readonly DirectoryInfo _scripts = Directory.CreateTempSubdirectory("udpps-");

    public void Dispose() => _scripts.Delete(recursive: true);

    [Theory]
    [InlineData("1", 0)]
    [InlineData("", 0)]
    [InlineData("exit 9", 9)]
    [InlineData("function Quit { exit 9 }; Quit; 1", 9)]
    [InlineData("throw 'x'", 1)]
    [InlineData("No-Such-Command", 1)]
    [InlineData("No-Such-Command; 1", 0)]
    [InlineData("1; 1/0", 1)]
    [InlineData("if (1) {", 1)]
    public async Task A_command_sets_the_exit_code(string command, int expected)
    {
        ShellResult result = await ShellProcess.RunAsync("-Command", command);
        Assert.Equal(expected, result.ExitCode);
    }

    [Theory]
    [InlineData("1", 0)]
    [InlineData("exit 9", 9)]
    [InlineData("throw 'x'", 1)]
    [InlineData("No-Such-Command", 0)]
    [InlineData("dotnet no-such-verb *>$null; 1", 0)]
    [InlineData("param([int]$Count)", 1, "-Count", "many")]
    public async Task A_script_sets_the_exit_code(string script, int expected, params string[] arguments)
    {
        ShellResult result = await ShellProcess.RunAsync(["-File", Script(script), .. arguments]);
        Assert.Equal(expected, result.ExitCode);
    }

    [Theory]
    [InlineData("There is no option '-Nonsense'", "-Nonsense")]
    [InlineData("A command must follow -Command", "-Command")]
    [InlineData("The path of a script must follow -f", "-f")]
    [InlineData("There is no script file 'missing.ps1'", "-File", "missing.ps1")]
    public async Task A_wrong_command_line_is_explained(string explanation, params string[] arguments)
    {
        ShellResult result = await ShellProcess.RunAsync(arguments);
        Assert.Equal(64, result.ExitCode);
        Assert.Contains(explanation, result.Errors);
        Assert.Empty(result.Output);
    }

    [Fact]
    public async Task A_command_is_the_rest_of_the_line()
    {
        ShellResult result = await ShellProcess.RunAsync("-c", "'a'", ";", "'b", "c'");
        Assert.Equal(["a", "b c"], result.Lines);
    }

    [Fact]
    public async Task A_script_gets_its_arguments_by_name_and_by_position()
    {
        string script = Script("param($First, [switch]$On, [switch]$Off, $Second) \"$First,$On,$Off,$Second,$PSCommandPath\"");
        ShellResult result = await ShellProcess.RunAsync("-File", script, "-Second", "two words", "-On", "-Off:$false", "one");
        Assert.Equal([$"one,True,False,two words,{script}"], result.Lines);
    }

    [Fact]
    public async Task The_module_is_imported_and_can_be_found_by_name()
    {
        ShellResult result = await ShellProcess.RunAsync(
            "-Command", "(Get-Module UdpPS).ModuleBase; Remove-Module UdpPS; (Import-Module UdpPS -PassThru).ModuleBase");
        Assert.Equal(2, result.Lines.Length);
        Assert.Equal(result.Lines[0], result.Lines[1]);
        Assert.Empty(result.Errors);
    }

    [Fact]
    public async Task Errors_go_to_standard_error_and_everything_else_to_standard_output()
    {
        ShellResult result = await ShellProcess.RunAsync(
            "-Command",
            "function Tell { [CmdletBinding()] param() $PSCmdlet.WriteWarning('w'); $PSCmdlet.WriteVerbose('v') }; "
            + "Tell -Verbose; No-Such-Command; throw 'last words'");
        Assert.Equal(["WARNING: w", "VERBOSE: v"], result.Lines);
        Assert.Contains("No-Such-Command", result.Errors);
        Assert.Contains("last words", result.Errors);
    }

    [Fact]
    public async Task Redirected_output_is_plain_and_wide()
    {
        ShellResult result = await ShellProcess.RunAsync(
            "-Command", "[pscustomobject]@{ First = 'x' * 100; Second = 'y' }; 1/0; $Host.UI.WriteErrorLine(\"`e[31mred\")");
        Assert.Contains(new string('x', 100) + " y", result.Output);
        Assert.DoesNotContain('\u001B', result.Output);
        Assert.DoesNotContain('\u001B', result.Errors);
        Assert.Contains("red", result.Errors);
    }

    [Theory]
    [InlineData("3, 1 | Sort-Object -Descending", "Microsoft.PowerShell.Utility")]
    [InlineData("gci -Path / -Recurse", "Microsoft.PowerShell.Management")]
    public async Task A_command_of_a_full_PowerShell_is_explained(string command, string module)
    {
        ShellResult result = await ShellProcess.RunAsync(
            "-Command", $"{command}; $Error[0].FullyQualifiedErrorId; $Error[0].Exception.GetType().Name");
        Assert.Contains(module, result.Errors);
        Assert.Contains("https://aka.ms/powershell", result.Errors);
        Assert.StartsWith("CommandNotFoundException", result.Lines[0]);
        Assert.Equal("CommandNotFoundException", result.Lines[1]);
    }

    [Fact]
    public async Task A_command_of_a_full_PowerShell_is_not_found_by_who_looks_for_it()
    {
        ShellResult result = await ShellProcess.RunAsync("-Command", "$null -eq (Get-Command Sort-Object -ErrorAction Ignore)");
        Assert.Equal(["True"], result.Lines);
    }

    [Fact]
    public async Task Lines_of_standard_input_are_the_input_of_a_command_that_uses_it()
    {
        ShellResult result = await ShellProcess.RunWithInputAsync("a\nb\n", "-Command", "$input | ForEach-Object { \"<$_>\" }");
        Assert.Equal(["<a>", "<b>"], result.Lines);
    }

    [Fact]
    public async Task A_dash_stands_for_the_text_on_standard_input()
    {
        ShellResult result = await ShellProcess.RunWithInputAsync("if ($false) { 1 }\nelse { 2 }\nexit 3", "-Command", "-");
        Assert.Equal(["2"], result.Lines);
        Assert.Equal(3, result.ExitCode);
    }

    [Fact]
    public async Task A_missing_parameter_is_asked_for()
    {
        ShellResult result = await ShellProcess.RunWithInputAsync(
            "x\ny\n\n", "-Command", "function Ask { param([Parameter(Mandatory)] [string[]] $Name) $Name -join '+' }; Ask");
        Assert.EndsWith("x+y", result.Output.TrimEnd());
    }

    [Fact]
    public async Task The_end_of_standard_input_ends_a_question_with_an_error()
    {
        ShellResult result = await ShellProcess.RunAsync(
            "-Command", "$null -eq $Host.UI.ReadLine(); function Ask { param([Parameter(Mandatory)] $Name) }; Ask");
        Assert.Equal("True", result.Lines[0]);
        Assert.Contains("missing mandatory parameters: Name", result.Errors);
        Assert.Equal(1, result.ExitCode);
    }

    [Fact]
    public async Task A_session_keeps_its_state_until_it_is_left()
    {
        ShellResult result = await ShellProcess.RunWithInputAsync("$x = 1\nif ($x) {\n  $x + 1\n}\nthrow 'x'\nexit $x + 3\n5\n");
        Assert.Equal(["2"], result.Lines);
        Assert.Equal(4, result.ExitCode);
    }

    [Fact]
    public async Task A_session_ends_with_its_input()
    {
        ShellResult result = await ShellProcess.RunWithInputAsync("No-Such-Command\n");
        Assert.Equal(0, result.ExitCode);
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public async Task A_signal_stops_an_endless_command(string signal, int exitCode)
    {
        SkipWithoutSignals();
        using ShellProcess shell = ShellProcess.Start("-Command", "'ready'; while ($true) { }");
        Assert.Equal("ready", await shell.ReadLineAsync());
        await shell.SignalAsync(signal);
        Assert.Equal(exitCode, (await shell.WaitForEndAsync()).ExitCode);
    }

    [Fact]
    public async Task A_signal_stops_a_command_that_waits_for_input()
    {
        SkipWithoutSignals();
        using ShellProcess shell = ShellProcess.Start("-Command", "'ready'; $Host.UI.ReadLine()");
        Assert.Equal("ready", await shell.ReadLineAsync());
        await shell.SignalAsync("INT");
        Assert.Equal(130, (await shell.WaitForEndAsync()).ExitCode);
    }

    [Fact]
    public async Task A_second_signal_ends_what_does_not_stop()
    {
        SkipWithoutSignals();
        using ShellProcess shell = ShellProcess.Start("-Command", $"'ready'; [Threading.Thread]::Sleep({Timeout.Infinite})");
        Assert.Equal("ready", await shell.ReadLineAsync());
        await shell.SignalUntilEndAsync("INT");
        Assert.Equal(130, (await shell.WaitForEndAsync()).ExitCode);
    }

    private static void SkipWithoutSignals() =>
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signals that one process could send to another.");

    private string Script(string text)
    {
        string path = Path.Combine(_scripts.FullName, "script.ps1");
        File.WriteAllText(path, text);
        return path;
    }
}
