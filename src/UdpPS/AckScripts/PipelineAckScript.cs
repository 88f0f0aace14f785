using System;
using System.Collections.Generic;
using System.Management.Automation;
using System.Text;

namespace UdpPS.AckScripts;

/// <summary>An -AckScript that runs in the caller's session, on the pipeline's thread.</summary>
internal sealed class PipelineAckScript : IAckScript
{
    private readonly ScriptBlock _script;
    private readonly Encoding _encoding;

    internal PipelineAckScript(ScriptBlock script, Encoding encoding)
    {
        _script = script;
        _encoding = encoding;
    }

    public byte[]? Answer(UdpMessage message, Action<ErrorRecord> writeError)
    {
        try
        {
            var variables = new List<PSVariable> { new("_", message) };
            return AckScriptOutput.ToAnswer(_script.InvokeWithContext(null, variables, message), _encoding);
        }
        catch (RuntimeException exception) when (exception is not PipelineStoppedException)
        {
            throw AckScriptOutput.Failure(exception);
        }
        catch (Exception exception) when (exception is BreakException or ContinueException)
        {
            // It leaves the script early, and must not leave the caller's loop.
            return null;
        }
    }

    // What stops the pipeline stops the script: it runs inside.
    public void BeginStop()
    {
    }

    public void Dispose()
    {
    }
}
