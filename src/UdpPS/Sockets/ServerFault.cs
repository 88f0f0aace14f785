namespace UdpPS.Sockets;

/// <summary>Why a text is neither an address nor a name.</summary>
internal enum ServerFault
{
    /// <summary>It is one of them.</summary>
    None,

    /// <summary>It is empty, or blanks.</summary>
    Empty,

    /// <summary>A port stands behind it.</summary>
    HasPort,

    /// <summary>A number, or an IPv4 address with leading zeros or without its four parts.</summary>
    NotIPv4,

    /// <summary>An IPv6 address with the scope of an interface that this machine does not have.</summary>
    UnknownScope,

    /// <summary>What no name can be: too long, with blanks in it, a URL.</summary>
    NotAName,
}
