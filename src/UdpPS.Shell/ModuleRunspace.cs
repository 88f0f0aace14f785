using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;
using Microsoft.PowerShell;

namespace UdpPS.Shell;

/// <summary>Opens the runspace, with the module that was built with this program imported.</summary>
internal static class ModuleRunspace
{
    private static readonly string ModuleDirectory = Path.Combine(AppContext.BaseDirectory, "Modules");

    internal static Runspace Open(PSHost host)
    {
        // CreateDefault would fail: it wants the modules that are not here.
        InitialSessionState state = InitialSessionState.CreateDefault2();
        state.ThreadOptions = PSThreadOptions.ReuseThread;
        state.ThrowOnRunspaceOpenError = true;
        state.ImportPSModule([Path.Combine(ModuleDirectory, "UdpPS", "UdpPS.psd1")]);
        if (OperatingSystem.IsWindows())
        {
            state.ExecutionPolicy = ExecutionPolicy.Bypass;
        }

        Runspace runspace = RunspaceFactory.CreateRunspace(host, state);
        try
        {
            runspace.Open();
        }
        catch (RunspaceOpenModuleLoadException)
        {
            // Its thread would keep the process alive.
            runspace.Dispose();
            throw;
        }

        MissingCommands.Explain(runspace);
        SetModulePath();
        return runspace;
    }

    private static void SetModulePath()
    {
        const string Variable = "PSModulePath";
        IEnumerable<string> directories = (Environment.GetEnvironmentVariable(Variable) ?? string.Empty)
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(directory => !IsPartOfPowerShell(directory));
        Environment.SetEnvironmentVariable(Variable, string.Join(Path.PathSeparator, directories.Prepend(ModuleDirectory)));
    }

    // What comes with a PowerShell loads in that one only. Here it would be found and fail, and hide the explanation.
    private static bool IsPartOfPowerShell(string moduleDirectory) =>
        Directory.Exists(Path.Combine(moduleDirectory, "Microsoft.PowerShell.Utility"));
}
