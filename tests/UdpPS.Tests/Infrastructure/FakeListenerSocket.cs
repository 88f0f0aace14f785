using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using UdpPS.Sockets;

namespace UdpPS.Tests.Infrastructure;

/// <summary>A socket without a network: a test says what it receives, and sees what it was asked to send, call by call.</summary>
internal sealed class FakeListenerSocket : IListenerSocket
{
    internal List<string[]> Sends { get; } = [];

    /// <summary>Where acks were to leave from: one for each datagram that was sent.</summary>
    internal List<IPAddress?> Sources { get; } = [];

    /// <summary>Payloads, as text, that cannot be sent.</summary>
    internal HashSet<string> Unsendable { get; } = [];

    /// <summary>Called while it is being stopped.</summary>
    internal Action? OnEndWaits { get; set; }

    internal bool IsClosed { get; set; }

    /// <summary>What it receives: what <see cref="Receive"/> does.</summary>
    internal Func<Datagram[], int, int> OnReceive { get; set; } = (_, _) => 0;

    public int BatchLength { get; init; } = 64;

    public IPEndPoint LocalEndPoint { get; init; } = new(IPAddress.Loopback, 4010);

    public long DroppedBySystem { get; set; }

    public bool IsFilling => false;

    public int Receive(Datagram[] into, int timeoutMilliseconds) => OnReceive(into, timeoutMilliseconds);

    public int Send(Datagram[] datagrams, int offset, int count)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        string[] sent = [.. datagrams.Skip(offset).Take(count).Select(TextOf).TakeWhile(text => !Unsendable.Contains(text))];
        if (sent.Length == 0)
        {
            throw new SocketException((int)SocketError.HostUnreachable);
        }

        Sends.Add(sent);
        Sources.AddRange(datagrams.Skip(offset).Take(sent.Length).Select(datagram => datagram.Local));
        return sent.Length;
    }

    public void EndWaits() => OnEndWaits?.Invoke();

    public void Dispose() => IsClosed = true;

    private static string TextOf(Datagram datagram) => System.Text.Encoding.UTF8.GetString(datagram.Payload);
}
