using System;
using System.Management.Automation;

namespace UdpPS.AckScripts;

/// <summary>Makes a listener's acks: a fixed text, a script's output, or none.</summary>
internal sealed class AckFactory : IDisposable
{
    private readonly byte[]? _fixedAck;
    private readonly IAckScript? _script;

    /// <param name="fixedAck">The ack of every message; null for none.</param>
    /// <param name="script">Where acks come from instead.</param>
    internal AckFactory(byte[]? fixedAck, IAckScript? script)
    {
        _fixedAck = fixedAck;
        _script = script;
    }

    /// <summary>Makes the ack of a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="writeError">Takes each error of the script.</param>
    /// <param name="ack">Null for no ack.</param>
    /// <returns>False when the script failed.</returns>
    internal bool TryCreate(UdpMessage message, Action<ErrorRecord> writeError, out byte[]? ack)
    {
        ack = _fixedAck;
        try
        {
            return _script is null || _script.TryCreateAck(message, writeError, out ack);
        }
        catch (AckScriptException exception)
        {
            writeError(ErrorRecords.AckScriptFailed(message, exception.Message, exception.InnerException));
            return false;
        }
    }

    internal void BeginStop() => _script?.BeginStop();

    public void Dispose() => _script?.Dispose();
}
