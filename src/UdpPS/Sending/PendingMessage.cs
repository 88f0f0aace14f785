using System.Collections.Generic;

namespace UdpPS.Sending;

/// <summary>A message whose verdict is awaited: where, and until when.</summary>
internal sealed class PendingMessage
{
    internal PendingMessage(UdpSentMessage message, Exchange exchange, double firstWait)
    {
        Message = message;
        Exchange = exchange;
        LastWait = firstWait;
        Waits = 1;
        Deadline = Deadline.AfterOrNever(firstWait);
        Node = new LinkedListNode<PendingMessage>(this);
    }

    /// <summary>Its place among those in flight, in the order in which they came.</summary>
    internal LinkedListNode<PendingMessage> Node { get; }

    internal UdpSentMessage Message { get; }

    internal Exchange Exchange { get; }

    /// <summary>How long the current attempt waits, in seconds.</summary>
    internal double LastWait { get; private set; }

    /// <summary>How many attempts have waited, this one included.</summary>
    internal int Waits { get; private set; }

    internal Deadline Deadline { get; private set; }

    /// <summary>Whether the wait under way includes it.</summary>
    internal bool IsPolled { get; set; }

    /// <summary>How many replies have been told of.</summary>
    internal int ToldReplies { get; set; }

    internal void WaitFor(double seconds)
    {
        LastWait = seconds;
        Waits++;
        Deadline = Deadline.After(seconds);
    }
}
