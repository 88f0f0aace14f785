using System;
using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Text;

namespace UdpPS.Commands;

/// <summary>
/// An -AckScript of a job: it runs in a session of its own, and takes the caller's values along where it says $using:.
/// </summary>
internal sealed class RunspaceAckScript : IAckScript
{
    private const string Parameter = "__udpMessage";

    private readonly Runspace _runspace;
    private readonly PowerShell _powerShell;
    private readonly Encoding _encoding;

    internal RunspaceAckScript(UsingScript script, Encoding encoding)
    {
        _encoding = encoding;
        _runspace = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());
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
    }

    public byte[]? Answer(UdpMessage message, Action<ErrorRecord> writeError)
    {
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
        try
        {
            _powerShell.BeginStop(callback: null, state: null);
        }
        catch (ObjectDisposedException)
        {
            // The job has just ended by itself.
        }
    }

    public void Dispose()
    {
        _powerShell.Dispose();
        _runspace.Dispose();
    }
}
