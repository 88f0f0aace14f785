namespace UdpPS.Shell;

/// <summary>What -Help prints.</summary>
internal static class Usage
{
    internal const string Text = """
        udpps: the PowerShell engine in a console, with the UdpPS module imported.

        Usage: udpps                             a prompt; 'exit' or the end of the input leaves it
               udpps -Command TEXT ...           runs the text, all of the rest of the line
               udpps -Command -                  runs the text that standard input holds, once it has ended
               udpps [-File] PATH.ps1 [ARG ...]  runs a script; -Name VALUE and -Switch:$false work as in pwsh
               udpps -Help | -Version

        Options may be abbreviated: -c, -f, -h, -v. Lines on standard input are $input of a command that uses it.

        The exit code is that of 'exit N'. Otherwise it is 1 after a terminating error, or when the last statement of
        -Command failed; 64 when this command line is wrong; 130 after Ctrl+C; 143 after SIGTERM; and 0 else.

        The engine comes without the commands of the Utility, Management and Security modules, such as Export-Csv or
        Format-Table. For those install PowerShell, https://aka.ms/powershell, and import UdpPS there.
        """;
}
