using System;
using System.Collections.ObjectModel;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace UdpPS.Parameters;

/// <summary>
/// Runs the script block that is given as -Message, once for each input object, as ForEach-Object does. PowerShell itself does so
/// only for parameters that are not of type object.
/// </summary>
internal sealed class MessageScript : IDisposable
{
    private readonly PowerShell _powerShell = PowerShell.Create(RunspaceMode.CurrentRunspace);
    private volatile bool _isStopping;

    /// <param name="script">What was given.</param>
    internal MessageScript(ScriptBlock script)
    {
        _powerShell.AddCommand("Microsoft.PowerShell.Core\\ForEach-Object").AddParameter("Process", script).AddParameter("InputObject");
        _powerShell.InvocationStateChanged += OnStateChanged;
    }

    /// <param name="input">Its $_.</param>
    /// <returns>What it output: null for nothing, the object itself for one, a list for more.</returns>
    /// <exception cref="RuntimeException">It threw, or wrote an error. What it output is then no message.</exception>
    internal object? Run(PSObject? input)
    {
        if (_isStopping)
        {
            throw new PipelineStoppedException();
        }

        _powerShell.Streams.ClearStreams();
        CommandParameterCollection parameters = _powerShell.Commands.Commands[0].Parameters;
        parameters.RemoveAt(parameters.Count - 1);
        parameters.Add("InputObject", input);
        Collection<PSObject> output = _powerShell.Invoke();
        if (_powerShell.Streams.Error.FirstOrDefault(error => !IsNativeStandardError(error)) is { } failure)
        {
            throw new RuntimeException(failure.ToString(), failure.Exception);
        }

        return output.Count switch
        {
            0 => null,
            1 => output[0],
            _ => output.Cast<object?>().ToArray(),
        };
    }

    /// <summary>Ends the script that runs, and runs none any more.</summary>
    internal void BeginStop()
    {
        _isStopping = true;
        StopRunning();
    }

    public void Dispose() => _powerShell.Dispose();

    // A program may write there what it likes.
    private static bool IsNativeStandardError(ErrorRecord error) =>
        error.FullyQualifiedErrorId is "NativeCommandError" or "NativeCommandErrorMessage";

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
