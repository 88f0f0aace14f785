using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using UdpPS.Sockets;

namespace UdpPS.Tests.Infrastructure;

/// <summary>A socket of which a test says what comes, and what each call returns. It is its own factory.</summary>
internal sealed class FakePeerSocket : IPeerSocket, IPeerSocketFactory, IPoller
{
    private bool _isReady;

    internal Queue<Datagram> Datagrams { get; } = new();

    internal Queue<IcmpError> Reports { get; } = new();

    /// <summary>What the next sends return, before all further ones succeed.</summary>
    internal Queue<SocketError> SendErrors { get; } = new();

    /// <summary>What the system says of each datagram that cannot be sent.</summary>
    internal IcmpError? Refusal { get; set; }

    internal List<byte[]> Sent { get; } = new();

    internal bool IsClosed { get; private set; }

    /// <summary>What comes again and again, behind all else.</summary>
    internal Datagram? Flood { get; set; }

    /// <summary>How often something was there to receive.</summary>
    internal int Received { get; private set; }

    /// <summary>How long ago what is read late has come.</summary>
    internal TimeSpan? Age { get; set; }

    /// <summary>Why no socket can be opened.</summary>
    internal SocketException? OpenFailure { get; set; }

    /// <summary>How often a socket for one peer was opened.</summary>
    internal int Opened { get; private set; }

    /// <summary>What happens in the next wait, which then finds nothing.</summary>
    internal Action? NextWait { get; set; }

    /// <summary>How long the last wait was to be, in milliseconds.</summary>
    internal int LastWait { get; private set; }

    public IPEndPoint LocalEndPoint { get; set; } = new(IPAddress.Loopback, 1);

    public IPeerSocket Polled => this;

    public string? Ambiguity => null;

    public SocketError Send(byte[] payload, IPEndPoint remote)
    {
        SocketError error = SendErrors.Count > 0 ? SendErrors.Dequeue() : SocketError.Success;
        if (error == SocketError.Success)
        {
            Sent.Add(payload);
        }
        else if (Refusal is not null)
        {
            Reports.Enqueue(Refusal);
        }

        return error;
    }

    public int SendMany(byte[][] payloads, int count, IPEndPoint remote, out SocketError error)
    {
        error = Send(payloads[0], remote);
        return error == SocketError.Success ? 1 : 0;
    }

    public SocketError Receive(out Datagram datagram)
    {
        bool isThere = Datagrams.Count > 0 || Flood is not null;
        datagram = Datagrams.Count > 0 ? Datagrams.Dequeue() : Flood ?? default;
        Received += isThere ? 1 : 0;
        return isThere ? SocketError.Success : SocketError.WouldBlock;
    }

    public SocketError ReceiveLate(out Datagram datagram, out TimeSpan? age)
    {
        age = Age;
        return Receive(out datagram);
    }

    public bool TryTakeIcmpError(out IcmpError error)
    {
        bool isThere = Reports.Count > 0;
        error = isThere ? Reports.Dequeue() : null!;
        return isThere;
    }

    public void Dispose() => IsClosed = true;

    public IPeerSocket OpenFor(IPEndPoint remote, int localPort, SendOptions options)
    {
        if (OpenFailure is not null)
        {
            throw OpenFailure;
        }

        Opened++;
        LocalEndPoint = new IPEndPoint(remote.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Loopback : IPAddress.Loopback, localPort);
        return this;
    }

    public IPeerSocket OpenShared(AddressFamily family, int localPort, SendOptions options)
    {
        LocalEndPoint = new IPEndPoint(family == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, localPort);
        return this;
    }

    public IPoller CreatePoller() => this;

    public void Clear()
    {
    }

    public void Add(IPeerSocket socket)
    {
    }

    public void Wait(int timeoutMilliseconds)
    {
        LastWait = timeoutMilliseconds;
        _isReady = NextWait is null;
        NextWait?.Invoke();
        NextWait = null;
    }

    public bool IsReady(int index) => _isReady;
}
