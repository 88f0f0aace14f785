using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Xunit;

namespace UdpPS.Tests.Infrastructure;

/// <summary>A PowerShell session inside this process with the staged module imported, as a user would have it.</summary>
internal sealed class Session : IDisposable
{
    private readonly Runspace _runspace;

    internal Session()
    {
        var state = InitialSessionState.CreateDefault2();
        state.ImportPSModule(Repository.Manifest);
        state.Commands.Add(new SessionStateCmdletEntry("Select-First", typeof(SelectFirstCommand), null));
        state.Commands.Add(new SessionStateCmdletEntry("Watch-Sent", typeof(WatchSentCommand), null));
        state.Commands.Add(new SessionStateCmdletEntry("Write-Outcome", typeof(WriteOutcomeCommand), null));
        if (OperatingSystem.IsWindows())
        {
            state.ExecutionPolicy = Microsoft.PowerShell.ExecutionPolicy.Bypass;
        }

        _runspace = RunspaceFactory.CreateRunspace(state);
        _runspace.Open();
    }

    internal object? this[string variable]
    {
        set => _runspace.SessionStateProxy.SetVariable(variable, value);
    }

    /// <summary>A command that is ready to run, for tests that stop it or look at its streams.</summary>
    internal PowerShell Create(string script)
    {
        PowerShell powerShell = PowerShell.Create(_runspace);
        powerShell.AddScript(script);
        return powerShell;
    }

    /// <summary>Runs a script that must neither fail nor write an error.</summary>
    internal IReadOnlyList<T> Run<T>(string script) => Run(script).Select(value => (T)value.BaseObject).ToList();

    /// <inheritdoc cref="Run{T}"/>
    internal IReadOnlyList<PSObject> Run(string script)
    {
        using PowerShell powerShell = Create(script);
        IReadOnlyList<PSObject> output = powerShell.Invoke();
        Assert.Empty(powerShell.Streams.Error.Select(error => error.ToString()));
        return output;
    }

    /// <summary>Runs a script that must write, or end in, exactly one error.</summary>
    internal ErrorRecord RunToError(string script)
    {
        using PowerShell powerShell = Create(script);
        try
        {
            powerShell.Invoke();
        }
        catch (RuntimeException exception)
        {
            return exception.ErrorRecord;
        }

        return Assert.Single(powerShell.Streams.Error);
    }

    /// <summary>Starts a listener job on a free port; the session removes it.</summary>
    internal UdpPS.UdpListenerJob StartJob(string parameters = "") =>
        Run<UdpPS.UdpListenerJob>($"Start-UdpListener -Port 0 -AsJob {parameters}").Single();

    public void Dispose()
    {
        using (PowerShell cleaner = Create("Get-Job | Remove-Job -Force"))
        {
            cleaner.Invoke();
        }

        _runspace.Dispose();
    }
}
