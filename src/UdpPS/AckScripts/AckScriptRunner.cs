using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Text;
using UdpPS.Commands;
using UdpPS.Display;

namespace UdpPS.AckScripts;

/// <summary>Makes acks by an -AckScript. Its error stream tells whether a message was handled.</summary>
internal sealed class AckScriptRunner : IAckScript
{
    private readonly ScriptRunner _script;
    private readonly Runspace? _ownRunspace;
    private readonly Encoding _encoding;

    private AckScriptRunner(ScriptRunner script, Runspace? ownRunspace, Encoding encoding)
    {
        _script = script;
        _ownRunspace = ownRunspace;
        _encoding = encoding;
    }

    /// <summary>A script that runs in the caller's scope, on the pipeline's thread.</summary>
    /// <param name="script">The script.</param>
    /// <param name="session">The caller's session.</param>
    /// <param name="encoding">How text becomes an ack.</param>
    internal static AckScriptRunner InCallersScope(ScriptBlock script, SessionState session, Encoding encoding) =>
        new(ScriptRunner.InCallersScope(script, session), null, encoding);

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
        var runner = new ScriptRunner(powerShell, ScriptBlock.Create(script.Body), runspace.SessionStateProxy.PSVariable);
        return new AckScriptRunner(runner, runspace, encoding);
    }

    public bool TryCreateAck(UdpMessage message, Action<ErrorRecord> writeError, out byte[]? ack)
    {
        IReadOnlyList<PSObject> output;
        IReadOnlyList<ErrorRecord> errors;
        try
        {
            output = _script.Run(message, out errors);
        }
        catch (Exception exception) when (exception is not PipelineStoppedException)
        {
            // Of any type: a recursion without end is no RuntimeException, for one.
            throw AckScriptOutput.Failure(exception);
        }

        // Asked first: to write a record changes its id.
        bool hasFailed = !errors.All(ScriptRunner.IsNativeStandardError);
        foreach (ErrorRecord error in errors)
        {
            writeError(ErrorRecordEscaper.Escape(error));
        }

        ack = hasFailed ? null : AckScriptOutput.ToAck(output, _encoding);
        return !hasFailed;
    }

    public void BeginStop() => _script.BeginStop();

    public void Dispose()
    {
        _script.Dispose();
        _ownRunspace?.Dispose();
    }
}
