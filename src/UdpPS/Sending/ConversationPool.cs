using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;

namespace UdpPS.Sending;

/// <summary>The sockets of one sending command, by destination. For any thread.</summary>
internal sealed class ConversationPool : IDisposable
{
    private const int MaximumDestinations = 256;
    private const int MaximumTogether = 64;

    private readonly object _lock = new();
    private readonly Dictionary<IPEndPoint, Destination> _destinations = new();
    private readonly SendOptions _options;
    private readonly KeptMessages _kept = new();
    private readonly RetiredConversations _retired = new();
    private readonly byte[][] _payloads = new byte[MaximumTogether][];
    private IPEndPoint? _lastRemote;
    private Destination? _lastDestination;
    private bool _isDisposed;

    internal ConversationPool(SendOptions options) => _options = options;

    /// <summary>Whether messages to one peer can leave together: nobody keeps them to ask for an answer.</summary>
    internal bool MaySendTogether => _kept.IsNothingKept && _options.LocalPort == 0;

    /// <summary>Sends a message from a socket on which its answer can be recognized.</summary>
    /// <exception cref="SocketException">It could not be sent.</exception>
    internal void Send(UdpSentMessage message)
    {
        lock (_lock)
        {
            Conversation conversation = Rent(message.RemoteEndPoint);
            try
            {
                conversation.Send(message);
            }
            catch (SocketException) when (!conversation.IsInUse)
            {
                Forget(conversation);
                throw;
            }

            _kept.Note(message, conversation);
        }
    }

    /// <summary>Sends messages to one peer together; only where <see cref="MaySendTogether"/> says so.</summary>
    /// <inheritdoc cref="UdpSender.SendMany"/>
    internal int SendMany(IReadOnlyList<UdpSentMessage> messages, int offset)
    {
        lock (_lock)
        {
            Conversation conversation = Rent(messages[offset].RemoteEndPoint);
            try
            {
                return conversation.SendMany(messages, offset, _payloads);
            }
            catch (SocketException)
            {
                Forget(conversation);
                throw;
            }
        }
    }

    /// <summary>Takes back a conversation on which nobody waits any longer, and nothing is open.</summary>
    /// <param name="conversation">Of this pool.</param>
    /// <param name="roundTrip">
    /// How long its answer took, in ticks of the monotonic clock; null when it may yet be answered: unanswered, sent twice, or
    /// answered by many. No other message leaves from it then.
    /// </param>
    internal void TakeBack(Conversation conversation, long? roundTrip)
    {
        lock (_lock)
        {
            Destination? destination = _isDisposed ? null : FindDestination(conversation.Remote);
            if (destination is not null && ReferenceEquals(destination.Common, conversation))
            {
                // Others leave from it.
                return;
            }

            if (_isDisposed || _options.LocalPort != 0)
            {
                conversation.Dispose();
            }
            else if (destination is null || roundTrip is null || !destination.TryRest(conversation, roundTrip.Value))
            {
                _retired.Add(conversation);
            }
        }
    }

    /// <summary>Closes what is not in use. A message whose answer was not asked for yet keeps its own socket.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            ForgetDestinations();
            _retired.CloseAll();
        }
    }

    private Conversation Rent(IPEndPoint remote)
    {
        Destination destination = DestinationOf(remote);
        if (_options.LocalPort != 0 || _kept.IsNothingKept)
        {
            return destination.Common ??= new Conversation(remote, _options, this, isShared: _options.LocalPort == 0);
        }

        return destination.TakeRested() ?? new Conversation(remote, _options, this);
    }

    private Destination DestinationOf(IPEndPoint remote)
    {
        Destination? destination = FindDestination(remote);
        if (destination is null)
        {
            if (_destinations.Count >= MaximumDestinations || _options.LocalPort != 0)
            {
                ForgetDestinations();
            }

            destination = new Destination();
            _destinations.Add(remote, destination);
        }

        _lastRemote = remote;
        _lastDestination = destination;
        return destination;
    }

    private Destination? FindDestination(IPEndPoint remote)
    {
        if (ReferenceEquals(remote, _lastRemote))
        {
            return _lastDestination;
        }

        _destinations.TryGetValue(remote, out Destination? destination);
        return destination;
    }

    private void Forget(Conversation conversation)
    {
        DestinationOf(conversation.Remote).Common = null;
        conversation.Dispose();
    }

    private void ForgetDestinations()
    {
        foreach (Destination destination in _destinations.Values)
        {
            destination.Close();
        }

        _destinations.Clear();
        _lastRemote = null;
        _lastDestination = null;
    }
}
