using System;
using System.Management.Automation;

namespace UdpPS.AckScripts;

/// <summary>A script that answers messages, wherever it runs.</summary>
internal interface IAckScript : IDisposable
{
    /// <summary>Runs the script for a message.</summary>
    /// <param name="message">The message to answer.</param>
    /// <param name="writeError">Takes errors that the script wrote, where they do not reach the caller by themselves.</param>
    /// <returns>The answer; null for none.</returns>
    /// <exception cref="AckScriptException">It failed, or put out neither text nor bytes.</exception>
    byte[]? Answer(UdpMessage message, Action<ErrorRecord> writeError);

    /// <summary>Asks a run that is under way to stop, from another thread, and does not wait for it.</summary>
    void BeginStop();
}
