using System;
using System.Collections.Concurrent;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using UdpPS.Sending;
using UdpPS.Sockets;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Engine;

public sealed class NameTableTests : IDisposable
{
    private static readonly IPAddress First = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress Second = IPAddress.Parse("192.0.2.2");

    // Look-ups of names that begin with "slow" end when it is set.
    private readonly ManualResetEventSlim _answer = new();
    private readonly ConcurrentQueue<string> _asked = new();
    private IPAddress[] _found = [First];
    private int _running;
    private int _most;

    public void Dispose()
    {
        _answer.Set();
        Until.True(() => Volatile.Read(ref _running) == 0, "the look-ups have ended");
        _answer.Dispose();
    }

    [Fact]
    public async Task A_name_is_looked_up_once_while_its_result_counts()
    {
        var table = new NameTable(Resolve);
        NameLookUp lookUp = table.Find("box");
        await lookUp.Completion;
        Assert.Equal([First], lookUp.Addresses);
        Assert.Same(lookUp, table.Find("BOX"));
        Assert.Equal(["box"], _asked);
    }

    [Fact]
    public async Task What_was_not_found_is_kept_as_well()
    {
        var table = new NameTable(Resolve);
        _found = [];
        NameLookUp lookUp = table.Find("nobody");
        await lookUp.Completion;
        Assert.Equal(SocketError.HostNotFound, Assert.Throws<SocketException>(() => lookUp.Addresses).SocketErrorCode);
        Assert.Same(lookUp, table.Find("nobody"));
    }

    [Fact]
    public async Task A_host_that_moves_is_followed()
    {
        var table = new NameTable(Resolve, lifetimeSeconds: 0.01);
        var resolver = new DestinationResolver(AddressFamily.Unspecified, table);
        ResolvedServer server = resolver.Find("box", 7);
        await server.LookUp!.Completion;
        Assert.Equal(new IPEndPoint(First, 7), server.Remote);
        _found = [Second];
        Until.True(() => !server.IsCurrent, "the result counts no longer");
        ResolvedServer moved = resolver.Find("box", 7);
        await moved.LookUp!.Completion;
        Assert.Equal(new IPEndPoint(Second, 7), moved.Remote);
    }

    [Fact]
    public async Task What_is_remembered_is_bounded_and_names_are_looked_up_after_many_others()
    {
        var table = new NameTable(Resolve);
        NameLookUp[] lookUps = Enumerable.Range(0, 4096).Select(i => table.Find($"{i}")).ToArray();
        await Task.WhenAll(lookUps.Select(lookUp => lookUp.Completion));
        Assert.Same(lookUps[0], table.Find("0"));
        await table.Find("one more").Completion.WaitAsync(Until.Deadline, TestContext.Current.CancellationToken);
        Assert.NotSame(lookUps[0], table.Find("0"));
    }

    [Fact]
    public async Task Many_names_are_looked_up_at_a_time_and_no_more()
    {
        var table = new NameTable(Resolve, limitSeconds: 600);
        NameLookUp[] lookUps = Enumerable.Range(0, 100).Select(i => table.Find($"slow{i}")).ToArray();
        Until.True(() => Volatile.Read(ref _running) == NameTable.MaximumLookUps, "as many run as may");
        _answer.Set();
        await Task.WhenAll(lookUps.Select(lookUp => lookUp.Completion));
        Assert.Equal(NameTable.MaximumLookUps, _most);
        Assert.Equal(100, _asked.Count);
    }

    // More of them than are looked up at a time.
    [Fact]
    public async Task Names_that_nobody_answers_for_do_not_hold_up_the_others()
    {
        var table = new NameTable(Resolve, limitSeconds: 0.05);
        NameLookUp[] silent = Enumerable.Range(0, 2 * NameTable.MaximumLookUps).Select(i => table.Find($"slow{i}")).ToArray();
        NameLookUp good = table.Find("box");
        await good.Completion.WaitAsync(Until.Deadline, TestContext.Current.CancellationToken);
        Assert.Equal([First], good.Addresses);
        await Task.WhenAll(silent.Select(lookUp => lookUp.Completion)).WaitAsync(Until.Deadline, TestContext.Current.CancellationToken);

        // Their places are free.
        NameLookUp[] more = Enumerable.Range(0, 2 * NameTable.MaximumLookUps).Select(i => table.Find($"more{i}")).ToArray();
        await Task.WhenAll(more.Select(lookUp => lookUp.Completion)).WaitAsync(Until.Deadline, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_silent_name_server_is_waited_for_so_long_and_a_late_answer_counts()
    {
        var table = new NameTable(Resolve, limitSeconds: 0.05);
        ResolvedServer server = new DestinationResolver(AddressFamily.Unspecified, table).Find("slow", 7);
        NameLookUp lookUp = table.Find("slow");
        await lookUp.Completion;
        Assert.Equal(SocketError.TimedOut, server.Failure?.SocketErrorCode);
        Assert.Equal(SocketError.TimedOut, Assert.Throws<SocketException>(() => lookUp.Addresses).SocketErrorCode);
        _answer.Set();
        Until.True(() => Record.Exception(() => lookUp.Addresses) is null, "the answer is in");
        Assert.Same(lookUp, table.Find("slow"));
        Assert.Null(server.Failure);
        Assert.Equal(new IPEndPoint(First, 7), server.Remote);
    }

    [Fact]
    public async Task Nothing_that_a_look_up_throws_ends_the_process()
    {
        var table = new NameTable(_ => throw new InvalidOperationException());
        NameLookUp lookUp = table.Find("box");
        await lookUp.Completion;
        Assert.Equal(SocketError.HostNotFound, Assert.Throws<SocketException>(() => lookUp.Addresses).SocketErrorCode);
    }

    private IPAddress[] Resolve(string name)
    {
        int running = Interlocked.Increment(ref _running);
        for (int most = _most; running > most && Interlocked.CompareExchange(ref _most, running, most) != most; most = _most)
        {
        }

        _asked.Enqueue(name);
        try
        {
            if (name.StartsWith("slow", StringComparison.Ordinal))
            {
                _answer.Wait();
            }

            return _found.Length > 0 ? _found : throw new SocketException((int)SocketError.HostNotFound);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }
}
