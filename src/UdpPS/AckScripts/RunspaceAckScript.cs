using System;
using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Text;

namespace UdpPS.AckScripts;

/// <summary>
/// An -AckScript of a job: it runs in a session of its own, and takes the caller's values along where it says $using:.
/// </summary>
internal sealed class RunspaceAckScript : IAckScript
{
    private const string Parameter = "__udpMessage";

    private readonly Runspace _runspace;
    private readonly PowerShell _powerShell;
    private readonly Encoding _encoding;
    private volatile bool _isStopping;

    /// <param name="script">The script.</param>
    /// <param name="languageMode">The caller's: what a session forbids, it must not get done by a job either.</param>
    /// <param name="encoding">How text becomes an answer.</param>
    internal RunspaceAckScript(UsingScript script, PSLanguageMode languageMode, Encoding encoding)
    {
        _encoding = encoding;
        var state = InitialSessionState.CreateDefault2();
        state.LanguageMode = languageMode;
        _runspace = RunspaceFactory.CreateRunspace(state);
        _runspace.Name = "UdpPS AckScript";
        _runspace.Open();
        foreach (var value in script.Values)
        {
            _runspace.SessionStateProxy.SetVariable(value.Key, value.Value);
        }

        // $_ is the message, and so is the first argument.
        _powerShell = PowerShell.Create();
        _powerShell.Runspace = _runspace;
        _powerShell.AddScript(
            $"param(${Parameter}) ForEach-Object -InputObject ${Parameter} -Process {{ & {{{script.Body}\n}} $_ }}");
        _powerShell.AddParameter(Parameter);
        _powerShell.InvocationStateChanged += OnStateChanged;
    }

    public byte[]? Answer(UdpMessage message, Action<ErrorRecord> writeError)
    {
        if (_isStopping)
        {
            throw new PipelineStoppedException();
        }

        try
        {
            _powerShell.Streams.ClearStreams();
            _powerShell.Commands.Commands[0].Parameters.Clear();
            _powerShell.Commands.Commands[0].Parameters.Add(Parameter, message);
            Collection<PSObject> output = _powerShell.Invoke();
            foreach (ErrorRecord error in _powerShell.Streams.Error)
            {
                writeError(error);
            }

            return AckScriptOutput.ToAnswer(output, _encoding);
        }
        catch (RuntimeException exception) when (exception is not PipelineStoppedException)
        {
            throw AckScriptOutput.Failure(exception);
        }
    }

    public void BeginStop()
    {
        _isStopping = true;
        StopRunning();
    }

    public void Dispose()
    {
        _powerShell.Dispose();
        _runspace.Dispose();
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
            // The job has just ended by itself.
        }
    }
}
