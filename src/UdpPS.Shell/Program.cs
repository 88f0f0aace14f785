using System;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace UdpPS.Shell;

/// <summary>Entry point: reads the command line and hands the work to a session.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        // The engine looks at this once, when it is first used, which must therefore be later.
        Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");

        var commandLine = CommandLine.Parse(arguments);
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
        catch (RunspaceOpenModuleLoadException e)
        {
            Console.Error.WriteLine($"udpps: the UdpPS module cannot be imported: {string.Join(' ', e.ErrorRecords)}");
            return ExitCode.InitializationFailure;
        }
    }
}
