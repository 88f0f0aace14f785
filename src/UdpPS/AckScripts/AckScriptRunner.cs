using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Text;
using UdpPS.Commands;

namespace UdpPS.AckScripts;

/// <summary>
/// Runs an -AckScript for one message after the other, as ForEach-Object does: $_ is the message, and what the script sets
/// in its scope stays there. It owns the error stream of the script, which tells whether a message was handled.
/// </summary>
internal sealed class AckScriptRunner : IAckScript
{
    private readonly PowerShell _powerShell;
    private readonly Runspace? _ownRunspace;
    private readonly PreferenceVariable _errorPreference;
    private readonly Encoding _encoding;
    private volatile bool _isStopping;

    private AckScriptRunner(
        PowerShell powerShell, Runspace? ownRunspace, ScriptBlock script, PreferenceVariable errorPreference, Encoding encoding)
    {
        _powerShell = powerShell;
        _ownRunspace = ownRunspace;
        _errorPreference = errorPreference;
        _encoding = encoding;
        _powerShell.AddCommand("Microsoft.PowerShell.Core\\ForEach-Object").AddParameter("Process", script).AddParameter("InputObject");
        _powerShell.InvocationStateChanged += OnStateChanged;
    }

    /// <summary>A script that runs in the caller's scope, on the pipeline's thread.</summary>
    /// <param name="script">The script.</param>
    /// <param name="session">The caller's session.</param>
    /// <param name="encoding">How text becomes an ack.</param>
    internal static AckScriptRunner InCallersScope(ScriptBlock script, SessionState session, Encoding encoding)
    {
        // A closure, and a script block that comes from another module, sees the variables of its own module.
        SessionState scriptSession = script.Module?.SessionState ?? session;
        return new AckScriptRunner(
            PowerShell.Create(RunspaceMode.CurrentRunspace), null, script, ErrorPreferenceOf(scriptSession.PSVariable), encoding);
    }

    /// <summary>A script of a job: it runs in a session of its own, and takes the caller's values along where it says $using:.</summary>
    /// <param name="script">The script.</param>
    /// <param name="module">The path of this module: the script may use its commands, and the methods of its objects.</param>
    /// <param name="languageMode">The caller's: what a session forbids, it must not get done by a job either.</param>
    /// <param name="encoding">How text becomes an ack.</param>
    internal static AckScriptRunner InOwnSession(
        UsingScript script, string module, PSLanguageMode languageMode, Encoding encoding)
    {
        var state = InitialSessionState.CreateDefault2();
        state.ImportPSModule(new[] { module });
        state.LanguageMode = languageMode;
        Runspace runspace = RunspaceFactory.CreateRunspace(state);
        runspace.Name = "UdpPS AckScript";
        runspace.ThreadOptions = PSThreadOptions.ReuseThread;
        runspace.Open();
        foreach (KeyValuePair<string, object?> value in script.Values)
        {
            runspace.SessionStateProxy.SetVariable(value.Key, value.Value);
        }

        var powerShell = PowerShell.Create();
        powerShell.Runspace = runspace;
        return new AckScriptRunner(
            powerShell, runspace, ScriptBlock.Create(script.Body), ErrorPreferenceOf(runspace.SessionStateProxy.PSVariable), encoding);
    }

    public bool TryCreateAck(UdpMessage message, Action<ErrorRecord> writeError, out byte[]? ack)
    {
        if (_isStopping)
        {
            throw new PipelineStoppedException();
        }

        ack = null;
        ErrorRecord[] errors = Run(message, out IReadOnlyList<PSObject> output);

        // Asked first: to write a record changes its id.
        bool hasFailed = !errors.All(IsNativeStandardError);
        foreach (ErrorRecord error in errors)
        {
            writeError(ErrorRecords.WithoutControlCharacters(error));
        }

        if (hasFailed)
        {
            return false;
        }

        ack = AckScriptOutput.ToAck(output, _encoding);
        return true;
    }

    /// <summary>
    /// Whether a record is a line that a native program wrote to its standard error, which is no failure: a program may write
    /// what it likes there.
    /// </summary>
    internal static bool IsNativeStandardError(ErrorRecord error) =>
        error.FullyQualifiedErrorId is "NativeCommandError" or "NativeCommandErrorMessage";

    public void BeginStop()
    {
        _isStopping = true;
        StopRunning();
    }

    public void Dispose()
    {
        _powerShell.Dispose();
        _ownRunspace?.Dispose();
    }

    private static PreferenceVariable ErrorPreferenceOf(PSVariableIntrinsics variables) => new(variables, "ErrorActionPreference");

    private ErrorRecord[] Run(UdpMessage message, out IReadOnlyList<PSObject> output)
    {
        _powerShell.Streams.ClearStreams();
        CommandParameterCollection parameters = _powerShell.Commands.Commands[0].Parameters;
        parameters.RemoveAt(parameters.Count - 1);
        parameters.Add("InputObject", message);
        try
        {
            // An error that is not reported does not reach the error stream either, and so tells nothing.
            using (_errorPreference.Replace(ActionPreference.SilentlyContinue, ActionPreference.Ignore))
            {
                output = _powerShell.Invoke();
            }
        }
        catch (Exception exception) when (exception is not PipelineStoppedException)
        {
            // Of any type: a recursion without end is no RuntimeException, for one.
            throw AckScriptOutput.Failure(exception);
        }

        return _powerShell.Streams.Error.ToArray();
    }

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
            // The listener has just ended by itself.
        }
    }
}
