using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;

namespace UdpPS.Sending;

/// <summary>
/// The messages of the process that were sent, and whose acks nobody has asked for yet. The latest keep their sockets for some
/// minutes, so that a reply is there when somebody asks. Thread-safe.
/// </summary>
#pragma warning disable CA1001 // It lives as long as the process, and so does its timer.
internal sealed class UnclaimedExchanges
#pragma warning restore CA1001
{
    /// <summary>How long each is kept.</summary>
    internal static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private readonly object _lock = new();
    private readonly LinkedList<Exchange> _exchanges = new();
    private readonly Timer _timer;
    private readonly int _maximum;
    private readonly long _lifetimeTicks;
    private bool _isTimerSet;

    /// <param name="maximum">How many are kept at once.</param>
    internal UnclaimedExchanges(int maximum)
        : this(maximum, Lifetime)
    {
    }

    /// <param name="maximum">How many are kept at once.</param>
    /// <param name="lifetime">How long each is kept.</param>
    internal UnclaimedExchanges(int maximum, TimeSpan lifetime)
    {
        _maximum = maximum;
        _lifetimeTicks = (long)(lifetime.TotalSeconds * Stopwatch.Frequency);
        _timer = new Timer(_ => ExpireOld());
    }

    internal void Add(Exchange exchange)
    {
        Exchange? oldest = null;
        lock (_lock)
        {
            exchange.UnclaimedSince = Stopwatch.GetTimestamp();
            exchange.Place.List?.Remove(exchange.Place);
            _exchanges.AddLast(exchange.Place);
            if (!_isTimerSet)
            {
                SetTimer();
            }

            if (_exchanges.Count > _maximum)
            {
                oldest = TakeFirst();
            }
        }

        oldest?.Expire("nobody had asked for its ack when later messages needed its port");
    }

    /// <summary>Gives up a port for somebody else of this process.</summary>
    internal void GiveUp(int port)
    {
        Exchange? owner;
        lock (_lock)
        {
            owner = _exchanges.FirstOrDefault(exchange => exchange.LocalPort == port && !exchange.IsShared);
            if (owner is not null)
            {
                _exchanges.Remove(owner.Place);
            }
        }

        owner?.Expire("its port was wanted for something else");
    }

    /// <summary>Somebody has asked for its ack.</summary>
    internal void Remove(Exchange exchange)
    {
        lock (_lock)
        {
            if (exchange.Place.List is not null)
            {
                _exchanges.Remove(exchange.Place);
            }
        }
    }

    // An exception here would end the process, and with it the user's shell.
    private void ExpireOld()
    {
        while (TryTakeOld(out Exchange exchange))
        {
            try
            {
                exchange.Expire($"nobody had asked for its ack after {Lifetime.TotalMinutes} minutes");
            }
            catch (Exception)
            {
                exchange.Close();
            }
        }
    }

    private bool TryTakeOld(out Exchange exchange)
    {
        lock (_lock)
        {
            bool isOld = _exchanges.First is { } first && Stopwatch.GetTimestamp() - first.Value.UnclaimedSince >= _lifetimeTicks;
            exchange = isOld ? TakeFirst() : null!;
            if (!isOld)
            {
                SetTimer();
            }

            return isOld;
        }
    }

    // For the oldest, where there is one.
    private void SetTimer()
    {
        _isTimerSet = _exchanges.Count > 0;
        if (_isTimerSet)
        {
            long left = _exchanges.First!.Value.UnclaimedSince + _lifetimeTicks - Stopwatch.GetTimestamp();
            _timer.Change(TimeSpan.FromSeconds(Math.Max(0.001, (double)left / Stopwatch.Frequency)), Timeout.InfiniteTimeSpan);
        }
    }

    private Exchange TakeFirst()
    {
        Exchange first = _exchanges.First!.Value;
        _exchanges.RemoveFirst();
        return first;
    }
}
