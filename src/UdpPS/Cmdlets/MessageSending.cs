using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Management.Automation;
using System.Net;
using System.Net.Sockets;
using System.Text;
using UdpPS.Parameters;
using UdpPS.Sending;

namespace UdpPS.Commands;

/// <summary>
/// Sends what records ask for, and puts out each message as soon as it has left. What fails is an error of that message, and
/// the next goes on.
/// </summary>
internal sealed class MessageSending : IDisposable
{
    private readonly Cmdlet _cmdlet;
    private readonly SendOptions _options;
    private readonly Encoding _encoding;
    private readonly StopSignal _stopSignal;
    private readonly SendProgress? _progress;
    private readonly DestinationResolver _resolver;
    private readonly UdpSender _sender;
    private readonly RecentServers _recentServers = RecentServers.OfSession();
    private readonly MessageBatch _batch = new();
    private bool _hasSent;

    /// <param name="cmdlet">Whose output and errors they are.</param>
    /// <param name="options">How sockets are set up.</param>
    /// <param name="wantedFamily">The family of addresses that names are resolved to, where the options leave it open.</param>
    /// <param name="encoding">How text becomes bytes.</param>
    /// <param name="stopSignal">Ends waits and look-ups.</param>
    /// <param name="progress">Told how it goes on; null when nobody shows it.</param>
    internal MessageSending(
        Cmdlet cmdlet,
        SendOptions options,
        AddressFamily wantedFamily,
        Encoding encoding,
        StopSignal stopSignal,
        SendProgress? progress)
    {
        _cmdlet = cmdlet;
        _options = options;
        _encoding = encoding;
        _stopSignal = stopSignal;
        _progress = progress;
        _resolver = new DestinationResolver(options.LocalAddress?.AddressFamily ?? wantedFamily, stopSignal.Token);
        _sender = new UdpSender(options);
    }

    /// <summary>How often each message is sent.</summary>
    internal int Count { get; init; } = 1;

    /// <summary>Seconds between two sends.</summary>
    internal double Delay { get; init; }

    internal void Send(in SendRequest request)
    {
        long sendsOfEach = (long)request.Servers.Length * Count;
        if (MessageInput.TryToContent(request.Input, _encoding, out MessageContent only))
        {
            _progress?.Begin(sendsOfEach);
            SendToEach(only, request);
        }
        else if (sendsOfEach == 1 && Delay == 0)
        {
            _progress?.Begin(MessageInput.CountOf(request.Input));
            SendTogether(request);
        }
        else
        {
            _progress?.Begin(MessageInput.CountOf(request.Input) * sendsOfEach);
            foreach (MessageContent? given in MessageInput.ToContents(request.Input, _encoding))
            {
                if (given is { } content)
                {
                    SendToEach(content, request);
                }
                else
                {
                    WriteFailure(ErrorRecords.MessageMissing(request.Input), sendsOfEach);
                }
            }
        }
    }

    /// <summary>Closes the sockets that no unsettled message keeps.</summary>
    public void Dispose() => _sender.Dispose();

    private void SendToEach(in MessageContent content, in SendRequest request)
    {
        foreach (string server in request.Servers)
        {
            if (Resolve(server, request.Port) is { } remote)
            {
                Repeat(server, remote, content, request.Input);
            }
        }
    }

    private void Repeat(string server, IPEndPoint remote, in MessageContent content, object input)
    {
        for (int i = 0; i < Count; i++)
        {
            if (_hasSent && Delay > 0)
            {
                WaitForNext();
            }

            _hasSent = true;
            var message = new UdpSentMessage(server, remote, content.Bytes, content.Text, _encoding);
            try
            {
                _sender.Send(message);
            }
            catch (SocketException exception)
            {
                // It is not tried again, however often it was to be sent.
                WriteFailure(ErrorRecords.SendFailed(message, input, _options, exception), Count - i);
                return;
            }

            _progress?.NoteSent();
            _cmdlet.WriteObject(message);
        }
    }

    private void WaitForNext()
    {
        Deadline end = Deadline.After(Delay);
        while (!end.HasPassed)
        {
            _stopSignal.Delay(Math.Min(end.RemainingSeconds, _progress?.PatienceSeconds ?? Delay));
            _progress?.ShowIfDue(end.RemainingSeconds);
        }
    }

    private void SendTogether(in SendRequest request)
    {
        using IEnumerator<MessageContent?> contents = MessageInput.ToContents(request.Input, _encoding).GetEnumerator();
        string server = request.Servers[0];
        while (MoveOn(contents, request.Input))
        {
            if (contents.Current is not { } content)
            {
                Flush(request.Input);
                WriteFailure(ErrorRecords.MessageMissing(request.Input), 1);
            }
            else if (Resolve(server, request.Port) is { } remote)
            {
                _batch.Add(new UdpSentMessage(server, remote, content.Bytes, content.Text, _encoding));
                if (_batch.IsFull)
                {
                    Flush(request.Input);
                }
            }
        }

        Flush(request.Input);
    }

    // What comes before something that cannot be made into a message is sent.
    private bool MoveOn(IEnumerator<MessageContent?> contents, object input)
    {
        try
        {
            return contents.MoveNext();
        }
        catch
        {
            Flush(input);
            throw;
        }
    }

    private void Flush(object input)
    {
        IReadOnlyList<UdpSentMessage> messages = _batch.Messages;
        for (int next = 0; next < messages.Count;)
        {
            int count;
            try
            {
                count = _sender.SendMany(messages, next);
            }
            catch (SocketException exception)
            {
                WriteFailure(ErrorRecords.SendFailed(messages[next], input, _options, exception), 1);
                next++;
                continue;
            }

            long since = Stopwatch.GetTimestamp();
            for (int end = next + count; next < end; next++)
            {
                _cmdlet.WriteObject(messages[next]);
            }

            _batch.Note(count, Stopwatch.GetTimestamp() - since, _sender.MaySendTogether);
            _progress?.NoteSent(count);
        }

        _batch.Clear();
    }

    private IPEndPoint? Resolve(string server, int port)
    {
        try
        {
            IPEndPoint remote = _resolver.Resolve(server, port);
            _recentServers.Add(server, remote);
            return remote;
        }
        catch (SocketException exception)
        {
            WriteFailure(ErrorRecords.ResolveFailed(server, _resolver.Family, exception), Count);
            return null;
        }
    }

    private void WriteFailure(ErrorRecord error, long passedOver)
    {
        _progress?.NoteFailure(passedOver);
        _cmdlet.WriteError(error);
    }
}
