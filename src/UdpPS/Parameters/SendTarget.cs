namespace UdpPS.Parameters;

/// <summary>A server and port as a row gives them.</summary>
/// <param name="Server">A name or an address, or what is neither.</param>
/// <param name="Port">Its port.</param>
/// <param name="PortText">What was given as the port, if that cannot be read; else null.</param>
internal sealed record SendTarget(string Server, int Port, string? PortText);
