using System.Collections.Generic;
using System.Net.Sockets;

namespace UdpPS.Sending;

/// <summary>
/// The messages that left from one port and may still be answered there, and the rule by which answers find them: an answer
/// belongs to a message when that is the only one it could belong to. Nothing else is matched. Not for two threads at once.
/// </summary>
internal sealed class OpenMessages
{
    private readonly List<UdpSentMessage> _messages = new();

    /// <param name="isShared">Whether the port carries messages that nobody keeps: they are not tracked at all.</param>
    internal OpenMessages(bool isShared) => IsShared = isShared;

    /// <summary>Whether no answer can be matched here, because it could be anyone's.</summary>
    internal bool IsShared { get; }

    internal bool AreAllSettled
    {
        get
        {
            foreach (UdpSentMessage message in _messages)
            {
                if (!message.IsSettled)
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>
    /// Whether a further datagram could be an answer to one of them. One that could not is found by the next look, before
    /// another message leaves from here.
    /// </summary>
    internal bool AwaitsMore => _messages.Count > 0;

    /// <summary>Whether the next message could get an answer to an earlier one.</summary>
    internal bool IsDoubtful { get; private set; }

    /// <summary>An answer came that belongs to no message: the peer or the network duplicates, or answers late.</summary>
    internal bool HasStrayReply { get; private set; }

    /// <summary>Whether answers came, or may have come, that could belong to more than one message.</summary>
    internal bool HasUnmatchedReplies { get; private set; }

    internal void Add(UdpSentMessage message)
    {
        if (IsShared)
        {
            HasUnmatchedReplies = true;
        }
        else
        {
            _messages.Add(message);
        }
    }

    /// <summary>Lets go of a message that is settled, though more answers to it may come.</summary>
    internal void Remove(UdpSentMessage message)
    {
        bool mayBeAnsweredLate = _messages.Remove(message) || message.Attempts > 1;
        IsDoubtful |= mayBeAnsweredLate;
    }

    /// <summary>Whether a message is the only one that an answer here could belong to.</summary>
    internal bool IsAlone(UdpSentMessage message) =>
        !IsShared && !IsDoubtful && _messages.Count == 1 && ReferenceEquals(_messages[0], message);

    /// <summary>Notes what the network reported, if there is only one message that it can concern.</summary>
    internal void Note(SocketError report)
    {
        if (_messages.Count == 1)
        {
            _messages[0].NetworkReport = report;
        }
    }

    /// <summary>
    /// Finds the message that a reply belongs to. An empty one acknowledges nothing: a proxy sends one when nobody is behind it.
    /// </summary>
    internal void Match(UdpReply reply)
    {
        if (reply.Bytes.Length == 0)
        {
            _messages.ForEach(message => message.EmptyReplyFrom = reply.RemoteEndPoint);
        }
        else if (IsShared || IsDoubtful || _messages.Count > 1)
        {
            HasUnmatchedReplies = true;
        }
        else if (_messages.Count == 0)
        {
            HasStrayReply = true;
            IsDoubtful = true;
        }
        else
        {
            MatchAlone(_messages[0], reply);
        }
    }

    private void MatchAlone(UdpSentMessage message, UdpReply reply)
    {
        if (message.FurtherReplies is not { } further)
        {
            message.Reply = reply;
            _messages.Clear();
        }
        else if (further.IsFirstOf(reply))
        {
            if (message.Reply is null)
            {
                message.Reply = reply;
            }
            else
            {
                further.Add(reply);
            }
        }
    }
}
