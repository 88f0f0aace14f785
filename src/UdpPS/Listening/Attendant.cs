using System.Threading;
using UdpPS.Sockets;

namespace UdpPS.Listening;

/// <summary>
/// The thread that keeps a listener's promises while the delivering thread is away in the pipeline: it empties the socket in
/// its place when it stays away or falls behind, and sends the acks that wait.
/// </summary>
/// <remarks>
/// As long as the pipeline keeps up, the delivering thread receives for itself, which saves a change of threads for each
/// message. The attendant then only looks, more than once in a millisecond, whether that is still so. Looking costs the
/// others time: while messages come one by one no ack waits, and it looks less often if the socket has room meanwhile. When
/// nothing has come for a while it sleeps until the next message does.
/// </remarks>
internal sealed class Attendant
{
    private const int BatchLength = 64;
    private const int TickMicroseconds = 700;
    private const int CalmTickMicroseconds = 3000;

    // Room for the datagrams of two calm ticks, as fast as they can come.
    private const int BufferForCalm = 4 * 1024 * 1024;

    private const int IdleTicksBeforeSleep = 100;
    private const int FullBatchesMeanBehind = 4;

    private readonly object _sleepLock = new();
    private readonly Reception _reception;
    private readonly MessageQueue _queue;
    private readonly AckOutbox _outbox;
    private readonly UdpMessage[] _batch = new UdpMessage[BatchLength];
    private readonly bool _mayBeCalm;
    private int _visits;
    private int _isAsleep;
    private volatile bool _isStopped;

    /// <param name="reception">What is received from.</param>
    /// <param name="queue">Where messages go that are received here.</param>
    /// <param name="outbox">The delivering thread's acks.</param>
    /// <param name="receiveBufferBytes">How much the socket has room for.</param>
    internal Attendant(
        Reception reception,
        MessageQueue queue,
        AckOutbox outbox,
        int receiveBufferBytes)
    {
        _mayBeCalm = receiveBufferBytes >= BufferForCalm;
        _reception = reception;
        _queue = queue;
        _outbox = outbox;
    }

    /// <summary>Whether it has nothing to do, and does not even look.</summary>
    internal bool IsAsleep => Volatile.Read(ref _isAsleep) != 0;

    /// <summary>The delivering thread is back for more.</summary>
    internal void NoteArrival() => Interlocked.Increment(ref _visits);

    /// <summary>The delivering thread goes to deliver.</summary>
    internal void NoteDeparture()
    {
        // The reception was left, and then this is read: see FallAsleep.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _isAsleep) != 0)
        {
            Wake();
        }
    }

    /// <summary>Ends <see cref="Run"/> soon.</summary>
    internal void Stop()
    {
        _isStopped = true;
        Wake();
    }

    /// <summary>What the thread does until it is stopped.</summary>
    internal void Run()
    {
        int seen = Volatile.Read(ref _visits);
        int idleTicks = 0;
        while (!_isStopped)
        {
            WaitForTick();
            int visits = Volatile.Read(ref _visits);
            bool isWanted = visits == seen || _reception.FullBatches >= FullBatchesMeanBehind;
            idleTicks = isWanted && !TryReceiveInstead() ? idleTicks + 1 : 0;
            seen = visits;
            if (idleTicks >= IdleTicksBeforeSleep)
            {
                Sleep(visits);
                idleTicks = 0;
            }
        }
    }

    private void WaitForTick()
    {
        if (_mayBeCalm && !_reception.TakeIsBusy())
        {
            _outbox.Leave();
            Pause.ForMicroseconds(CalmTickMicroseconds);
            _outbox.Attend();
        }
        else
        {
            Pause.ForMicroseconds(TickMicroseconds);
            _outbox.Flush();
        }
    }

    // False when the delivering thread has the reception: it waits there itself.
    private bool TryReceiveInstead()
    {
        _queue.BeginFeeding();
        try
        {
            if (!_reception.TryEnter())
            {
                return false;
            }

            try
            {
                ReceiveUntilTakerIsIdle();
                _outbox.Attend();
                return true;
            }
            finally
            {
                _reception.Exit();
            }
        }
        finally
        {
            _queue.EndFeeding();
        }
    }

    private void ReceiveUntilTakerIsIdle()
    {
        bool isTakerIdle = false;
        while (!_isStopped && !isTakerIdle)
        {
            int count = Receive(0);
            if (count > 0)
            {
                _outbox.Attend();
                _outbox.Flush();
            }
            else
            {
                _outbox.Leave();
                count = Receive(SocketWait.LongestMilliseconds);
            }

            // Asked before it is woken: one that waits keeps up, and can receive for itself again.
            isTakerIdle = _queue.IsTakerIdle;
            if (count > 0)
            {
                Queue(count);
            }
        }
    }

    private int Receive(int timeoutMilliseconds) =>
        _reception.Receive(_batch, BatchLength, timeoutMilliseconds);

    private void Queue(int count)
    {
        if (!_queue.TryAdd(_batch, count))
        {
            _reception.AddLate(count);
        }
    }

    private void Sleep(int visits)
    {
        lock (_sleepLock)
        {
            Volatile.Write(ref _isAsleep, 1);

            // The delivering thread leaves the reception, then looks whether this sleeps. This says that it sleeps, then looks
            // whether the reception was left. So one of the two sees the other.
            Interlocked.MemoryBarrier();
            while (!_isStopped && Volatile.Read(ref _isAsleep) != 0 && IsTakerWaiting(visits))
            {
                Monitor.Wait(_sleepLock);
            }

            Volatile.Write(ref _isAsleep, 0);
        }
    }

    private bool IsTakerWaiting(int visits)
    {
        if (!_reception.TryEnter())
        {
            return Volatile.Read(ref _visits) == visits;
        }

        _reception.Exit();
        return false;
    }

    private void Wake()
    {
        lock (_sleepLock)
        {
            Volatile.Write(ref _isAsleep, 0);
            Monitor.Pulse(_sleepLock);
        }
    }
}
