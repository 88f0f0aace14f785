using System;

namespace UdpPS.Commands;

/// <summary>A script that answers messages, wherever it runs.</summary>
internal interface IAckScript : IDisposable
{
    /// <summary>Runs the script for a message.</summary>
    /// <returns>The answer; null for none.</returns>
    /// <exception cref="AckScriptException">It failed, or put out neither text nor bytes.</exception>
    byte[]? Answer(UdpMessage message);

    /// <summary>Stops a run that is under way, from another thread.</summary>
    void Stop();
}
