using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace UdpPS.Tests.Infrastructure;

/// <summary>
/// A peer that answers "ack TEXT" after a time; what came in meanwhile it answers in reverse order, so that only the port
/// tells which answer is whose.
/// </summary>
internal sealed class SlowPeer : IDisposable
{
    private readonly RawSocket _socket = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TimeSpan _delay;
    private readonly Task _run;

    internal SlowPeer(TimeSpan delay)
    {
        _delay = delay;
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
        long due = 0;
        while (!_stop.IsCancellationRequested)
        {
            int microseconds = held.Count == 0 ? 10_000 : Math.Max(0, (int)((due - Stopwatch.GetTimestamp()) / (Stopwatch.Frequency / 1e6)));
            if (_socket.Socket.Poll(microseconds, SelectMode.SelectRead))
            {
                if (held.Count == 0)
                {
                    due = Stopwatch.GetTimestamp() + (long)(_delay.TotalSeconds * Stopwatch.Frequency);
                }

                held.Push((_socket.Receive(out IPEndPoint from), from));
            }

            if (Stopwatch.GetTimestamp() >= due)
            {
                while (held.TryPop(out (string Text, IPEndPoint From) one))
                {
                    _socket.SendTo(one.From, "ack " + one.Text);
                }
            }
        }
    }
}
