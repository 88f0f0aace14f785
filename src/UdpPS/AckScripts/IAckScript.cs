using System;
using System.Management.Automation;

namespace UdpPS.AckScripts;

/// <summary>A script that makes the acks of messages, wherever it runs.</summary>
internal interface IAckScript : IDisposable
{
    /// <summary>Runs the script for a message.</summary>
    /// <param name="message">The message to acknowledge.</param>
    /// <param name="writeError">Takes each error that the script wrote.</param>
    /// <param name="ack">What it output; null for no ack.</param>
    /// <returns>False when it wrote an error: the message is not acknowledged, whatever was output.</returns>
    /// <exception cref="AckScriptException">It failed, or output neither text nor bytes.</exception>
    bool TryCreateAck(UdpMessage message, Action<ErrorRecord> writeError, out byte[]? ack);

    /// <summary>Asks a run that is under way to stop, from another thread, and does not wait for it.</summary>
    void BeginStop();
}
