using System.Collections.Generic;

namespace UdpPS.Sending;

/// <summary>A message whose verdict is awaited: where, and until when.</summary>
internal sealed class PendingMessage
{
    internal PendingMessage(UdpSentMessage message, Conversation conversation, double firstWait)
    {
        Message = message;
        Conversation = conversation;
        LastWait = firstWait;
        Waits = 1;
        Deadline = Deadline.AfterOrNever(firstWait);
        Node = new LinkedListNode<PendingMessage>(this);
    }

    /// <summary>Its place among those in flight, in the order in which they came.</summary>
    internal LinkedListNode<PendingMessage> Node { get; }

    internal UdpSentMessage Message { get; }

    internal Conversation Conversation { get; set; }

    /// <summary>How long the current attempt waits, in seconds.</summary>
    internal double LastWait { get; private set; }

    /// <summary>How many attempts have waited, this one included.</summary>
    internal int Waits { get; private set; }

    internal Deadline Deadline { get; private set; }

    /// <summary>How many of the further responders have been told of.</summary>
    internal int ToldFurther { get; set; }

    internal void WaitFor(double seconds)
    {
        LastWait = seconds;
        Waits++;
        Deadline = Deadline.After(seconds);
    }
}
