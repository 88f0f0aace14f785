using System.Net;
using System.Net.Sockets;

namespace UdpPS.Sending;

/// <summary>A message that did not leave.</summary>
/// <param name="Message">The message.</param>
/// <param name="Remote">Where it was to go.</param>
/// <param name="Exception">Why it did not.</param>
internal sealed record OneWayFailure(OneWayMessage Message, IPEndPoint Remote, SocketException Exception);
