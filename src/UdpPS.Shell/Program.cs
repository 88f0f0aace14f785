using System;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace UdpPS.Shell;

/// <summary>Entry point: reads the command line and hands the work to a session.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        // The engine reads this once, at its first use: it comes before everything else.
        Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");

        CommandLine commandLine = CommandLine.Parse(arguments);
        switch (commandLine.Mode)
        {
            case CommandLineMode.Invalid:
                Console.Error.WriteLine($"udpps: {commandLine.Text} Run 'udpps -Help' to see how it is used.");
                return ExitCode.Usage;
            case CommandLineMode.Help:
                Console.Out.WriteLine(Usage.Text);
                return ExitCode.Success;
            case CommandLineMode.Version:
                Console.Out.WriteLine($"udpps {ShellHost.ProductVersion} (PowerShell {PSVersionInfo.PSVersion})");
                return ExitCode.Success;
            default:
                return Run(commandLine);
        }
    }

    private static int Run(CommandLine commandLine)
    {
        using var interruption = new Interruption();
        try
        {
            using var session = new Session(interruption);
            return session.Run(commandLine);
        }
        catch (RunspaceOpenModuleLoadException exception)
        {
            Console.Error.WriteLine($"udpps: the UdpPS module cannot be imported: {string.Join(' ', exception.ErrorRecords)}");
            return ExitCode.InitializationFailure;
        }
    }
}
