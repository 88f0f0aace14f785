using UdpPS.Parameters;
using UdpPS.Sending;

namespace UdpPS.Commands;

/// <summary>A message that waits for the name of its server.</summary>
/// <param name="Request">What it belongs to.</param>
/// <param name="TargetIndex">Which of the request's targets it is for.</param>
/// <param name="Server">Where that is, when its name is known.</param>
/// <param name="Payload">What to send.</param>
/// <param name="HasError">Which targets of the request have had their error.</param>
internal sealed record PendingSend(SendRequest Request, int TargetIndex, ResolvedServer Server, Payload Payload, bool[] HasError);
