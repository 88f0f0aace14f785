using System;
using System.IO;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace UdpPS.Benchmarks.Roles;

/// <summary>The hosted PowerShell engine that everything written in PowerShell is measured in.</summary>
internal static class Engine
{
    internal static string Manifest { get; } = Path.Combine(AppContext.BaseDirectory, "Modules", "UdpPS", "UdpPS.psd1");

    internal static Runspace OpenBare()
    {
        var state = InitialSessionState.CreateDefault2();
        if (OperatingSystem.IsWindows())
        {
            state.ExecutionPolicy = Microsoft.PowerShell.ExecutionPolicy.Bypass;
        }

        Runspace runspace = RunspaceFactory.CreateRunspace(state);
        runspace.Open();
        return runspace;
    }

    internal static Runspace Open()
    {
        Runspace runspace = OpenBare();
        using PowerShell importing = PowerShell.Create(runspace);
        Run(importing.AddCommand("Import-Module").AddArgument(Manifest));
        return runspace;
    }

    /// <summary>Runs a command that must not fail in any way.</summary>
    internal static void Run(PowerShell command)
    {
        command.Invoke();
        if (command.Streams.Error.Count > 0)
        {
            throw new InvalidOperationException($"{command.Streams.Error.Count} errors, first: {command.Streams.Error[0]}");
        }
    }
}
