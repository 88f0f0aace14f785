namespace UdpPS.Parameters;

/// <summary>Why an object cannot be sent.</summary>
internal enum PayloadFault
{
    /// <summary>It can.</summary>
    None,

    /// <summary>There is none: it says where to send to, and not what.</summary>
    Missing,

    /// <summary>It has no text of its own.</summary>
    NotText,

    /// <summary>Its Message property or its string form threw.</summary>
    Failed,

    /// <summary>The script block that should have made it failed.</summary>
    ScriptFailed,
}
