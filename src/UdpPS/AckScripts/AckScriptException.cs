using System;

namespace UdpPS.AckScripts;

/// <summary>An -AckScript failed, or output what is no ack. The message says which, in a sentence.</summary>
internal sealed class AckScriptException : Exception
{
    internal AckScriptException(string reason, Exception? inner = null)
        : base(reason, inner)
    {
    }
}
