using System;
using System.Management.Automation;
using UdpPS.AckScripts;

namespace UdpPS.Commands;

/// <summary>What a listener answers to a delivered message: a fixed text, a script's output, or nothing.</summary>
internal sealed class ListenerAnswers : IDisposable
{
    private readonly byte[]? _fixedAnswer;
    private readonly IAckScript? _script;

    /// <param name="fixedAnswer">The answer to every message; null for none.</param>
    /// <param name="script">Where answers come from instead.</param>
    internal ListenerAnswers(byte[]? fixedAnswer, IAckScript? script)
    {
        _fixedAnswer = fixedAnswer;
        _script = script;
    }

    /// <param name="message">The message to answer.</param>
    /// <param name="writeError">Takes the error of a script that failed.</param>
    /// <returns>Null for no answer.</returns>
    internal byte[]? Create(UdpMessage message, Action<ErrorRecord> writeError)
    {
        if (_script is null)
        {
            return _fixedAnswer;
        }

        try
        {
            return _script.Answer(message, writeError);
        }
        catch (AckScriptException exception)
        {
            writeError(ErrorRecords.AckScriptFailed(message, exception.Message, exception.InnerException));
            return null;
        }
    }

    internal void BeginStop() => _script?.BeginStop();

    public void Dispose() => _script?.Dispose();
}
