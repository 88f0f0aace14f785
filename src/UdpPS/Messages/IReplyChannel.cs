namespace UdpPS;

/// <summary>
/// The socket that a sent message's answer will come to. A message only keeps it alive; the sender engine uses it.
/// </summary>
#pragma warning disable CA1040 // A marker on purpose: messages know nothing of sockets.
internal interface IReplyChannel
{
}
#pragma warning restore CA1040
