using System;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using UdpPS.Tests.Infrastructure;

namespace UdpPS.Tests.Faults;

/// <summary>A peer that answers whatever it gets, acks too. It begins with a datagram of its own.</summary>
internal sealed class EchoPeer : IDisposable
{
    private readonly RawSocket _socket = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<string, string> _answer;
    private readonly Task _run;
    private int _answered;

    internal EchoPeer(int listenerPort, Func<string, string> answer)
    {
        _answer = answer;
        _socket.SendTo(listenerPort, "x");
        _run = Task.Factory.StartNew(
            AnswerUntilStopped, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>How many acks it got.</summary>
    internal int Answered => Volatile.Read(ref _answered);

    public void Dispose()
    {
        _stop.Cancel();
        _run.GetAwaiter().GetResult();
        _socket.Dispose();
        _stop.Dispose();
    }

    private void AnswerUntilStopped()
    {
        while (!_stop.IsCancellationRequested)
        {
            if (_socket.Socket.Poll(10_000, SelectMode.SelectRead))
            {
                string text = _socket.Receive(out IPEndPoint from);
                Interlocked.Increment(ref _answered);
                _socket.SendTo(from, _answer(text));
            }
        }
    }
}
