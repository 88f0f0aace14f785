using System.Collections.Generic;
using System.Linq;
using System.Net.Sockets;

namespace UdpPS.Sending;

/// <summary>
/// The messages that left from one port and may still be answered there, and the rule by which answers find them: an answer
/// belongs to the only open message; where there are several, answers are matched in order, and only once there is one for
/// each. Not for two threads at once.
/// </summary>
internal sealed class OpenMessages
{
    // More than these are not kept: of them is only known that there were too many to tell apart.
    private const int Maximum = 1024;

    private readonly List<UdpSentMessage> _messages = new();
    private readonly List<UdpReply> _unmatched = new();
    private bool _hasOverrun;

    internal int Count => _messages.Count;

    /// <summary>Whether nothing can be answered here that is not known to have been.</summary>
    internal bool IsEmpty => _messages.Count == 0 && !_hasOverrun;

    internal bool AreAllSettled => _messages.All(message => message.IsSettled);

    /// <summary>An answer came that belongs to no message: the peer or the network duplicates, or answers late.</summary>
    internal bool HasStrayReply { get; private set; }

    /// <summary>
    /// Whether answers came, or may have come, that cannot be told apart: fewer than the messages.
    /// </summary>
    internal bool HasUnmatchedReplies => _hasOverrun || _unmatched.Count > 0;

    internal void Add(UdpSentMessage message)
    {
        if (_messages.Count == Maximum)
        {
            _messages.Clear();
            _unmatched.Clear();
            _hasOverrun = true;
        }

        if (!_hasOverrun)
        {
            _messages.Add(message);
        }
    }

    /// <summary>Whether a message is the only one that an answer here could belong to.</summary>
    internal bool IsAlone(UdpSentMessage message) =>
        !_hasOverrun && _messages.Count == 1 && ReferenceEquals(_messages[0], message);

    /// <summary>Notes what the network reported of the port, and so of every message that left from it.</summary>
    internal void Note(SocketError report)
    {
        foreach (UdpSentMessage message in _messages)
        {
            message.NetworkReport = report;
        }
    }

    /// <summary>Lets go of a message that a report has settled, if it was alone: the next one starts clean.</summary>
    internal void LetGoOfReported()
    {
        if (_messages.Count == 1 && _messages[0].NetworkReport is not null)
        {
            _messages.Clear();
        }
    }

    /// <summary>Finds the message that an answer belongs to.</summary>
    internal void Match(UdpReply reply)
    {
        if (_hasOverrun)
        {
            return;
        }

        switch (_messages.Count)
        {
            case 0:
                HasStrayReply = true;
                break;
            case 1:
                MatchAlone(_messages[0], reply);
                break;
            default:
                MatchByPlace(reply);
                break;
        }
    }

    private void MatchAlone(UdpSentMessage message, UdpReply reply)
    {
        if (message.FurtherReplies is not { } further)
        {
            message.Reply = reply;
            _messages.Clear();
        }
        else if (message.Reply is not { } first)
        {
            message.Reply = reply;
        }
        else if (!further.Prepend(first).Any(known => known.RemoteEndPoint.Equals(reply.RemoteEndPoint)))
        {
            further.Add(reply);
        }
    }

    private void MatchByPlace(UdpReply reply)
    {
        _unmatched.Add(reply);
        if (_unmatched.Count < _messages.Count)
        {
            return;
        }

        for (int i = 0; i < _messages.Count; i++)
        {
            _messages[i].Reply = _unmatched[i];
            _messages[i].IsMatchedByPlace = true;
        }

        _messages.Clear();
        _unmatched.Clear();
    }
}
