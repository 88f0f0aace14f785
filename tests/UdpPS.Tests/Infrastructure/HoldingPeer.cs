using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace UdpPS.Tests.Infrastructure;

/// <summary>
/// A peer that holds what comes until so many are there, which then are in flight at once, and answers each with "ack TEXT",
/// in reverse order, so that only the port tells which answer is whose.
/// </summary>
internal sealed class HoldingPeer : IDisposable
{
    private readonly RawSocket _socket = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly int _count;
    private readonly Task _run;

    internal HoldingPeer(int count)
    {
        _count = count;
        _run = Task.Factory.StartNew(
            Answer, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    internal int Port => _socket.Port;

    internal Task Stop()
    {
        _stop.Cancel();
        return _run;
    }

    public void Dispose()
    {
        _stop.Cancel();
        _run.GetAwaiter().GetResult();
        _socket.Dispose();
        _stop.Dispose();
    }

    private void Answer()
    {
        var held = new Stack<(string Text, IPEndPoint From)>();
        while (!_stop.IsCancellationRequested)
        {
            if (_socket.Socket.Poll(10_000, SelectMode.SelectRead))
            {
                held.Push((_socket.Receive(out IPEndPoint from), from));
            }

            if (held.Count == _count)
            {
                while (held.TryPop(out (string Text, IPEndPoint From) one))
                {
                    _socket.SendTo(one.From, "ack " + one.Text);
                }
            }
        }
    }
}
