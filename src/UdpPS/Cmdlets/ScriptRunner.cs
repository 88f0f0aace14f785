using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace UdpPS.Commands;

/// <summary>
/// Runs a script block for one object after the other, as ForEach-Object does: $_ is the object, and what the script sets in
/// its scope stays there. It owns the script's error stream, which tells whether the script has failed.
/// </summary>
internal sealed class ScriptRunner : IDisposable
{
    private readonly PowerShell _powerShell;
    private readonly PreferenceVariable _errorPreference;
    private volatile bool _isStopping;

    /// <param name="powerShell">Where it runs. Owned from here on.</param>
    /// <param name="script">The script.</param>
    /// <param name="variables">The variables that the script sees.</param>
    internal ScriptRunner(PowerShell powerShell, ScriptBlock script, PSVariableIntrinsics variables)
    {
        _powerShell = powerShell;
        _errorPreference = new PreferenceVariable(variables, "ErrorActionPreference");
        _powerShell.AddCommand("Microsoft.PowerShell.Core\\ForEach-Object").AddParameter("Process", script).AddParameter("InputObject");
        _powerShell.InvocationStateChanged += OnStateChanged;
    }

    /// <summary>A script that runs in the caller's scope, on the pipeline's thread.</summary>
    /// <param name="script">The script.</param>
    /// <param name="session">The caller's session.</param>
    internal static ScriptRunner InCallersScope(ScriptBlock script, SessionState session)
    {
        // A closure, and a script block that comes from another module, sees the variables of its own module.
        SessionState scriptSession = script.Module?.SessionState ?? session;
        return new ScriptRunner(PowerShell.Create(RunspaceMode.CurrentRunspace), script, scriptSession.PSVariable);
    }

    /// <summary>
    /// Whether a record is a line that a native program wrote to its standard error, which is no failure: a program may write
    /// what it likes there.
    /// </summary>
    internal static bool IsNativeStandardError(ErrorRecord error) =>
        error.FullyQualifiedErrorId is "NativeCommandError" or "NativeCommandErrorMessage";

    /// <summary>Runs the script.</summary>
    /// <param name="input">Its $_.</param>
    /// <param name="errors">What it wrote to its error stream.</param>
    /// <returns>What it output.</returns>
    /// <exception cref="PipelineStoppedException">It was stopped.</exception>
    /// <exception cref="Exception">Whatever the script threw.</exception>
    internal IReadOnlyList<PSObject> Run(object? input, out IReadOnlyList<ErrorRecord> errors)
    {
        if (_isStopping)
        {
            throw new PipelineStoppedException();
        }

        _powerShell.Streams.ClearStreams();
        CommandParameterCollection parameters = _powerShell.Commands.Commands[0].Parameters;
        parameters.RemoveAt(parameters.Count - 1);
        parameters.Add("InputObject", input);

        // An error that is not reported does not reach the error stream either, and so tells nothing.
        using IDisposable? replacement = _errorPreference.Replace(ActionPreference.SilentlyContinue, ActionPreference.Ignore);
        IReadOnlyList<PSObject> output = _powerShell.Invoke();
        errors = _powerShell.Streams.Error.ToArray();
        return output;
    }

    /// <summary>Asks a run that is under way to stop, from another thread, does not wait for it, and allows no other.</summary>
    internal void BeginStop()
    {
        _isStopping = true;
        StopRunning();
    }

    public void Dispose() => _powerShell.Dispose();

    // To stop a script that does not run yet has no effect.
    private void OnStateChanged(object? sender, PSInvocationStateChangedEventArgs change)
    {
        if (_isStopping && change.InvocationStateInfo.State == PSInvocationState.Running)
        {
            StopRunning();
        }
    }

    private void StopRunning()
    {
        try
        {
            _powerShell.BeginStop(callback: null, state: null);
        }
        catch (ObjectDisposedException)
        {
            // The command has just ended by itself.
        }
    }
}
