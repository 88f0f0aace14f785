using System;

namespace UdpPS.Tests.Shell;

/// <summary>How the shell ended, and what it printed.</summary>
internal sealed record ShellResult(int ExitCode, string Output, string Errors)
{
    internal string[] Lines => Output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
}
