using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Cmdlets;

/// <summary>What the commands write to the progress stream, by the real clock: each test lasts a second or two.</summary>
public sealed class ProgressTests : IDisposable
{
    private readonly Session _session = new();
    private readonly RawSocket _silent = new();

    public ProgressTests() => _session["silent"] = _silent.Port;

    public void Dispose()
    {
        _silent.Dispose();
        _session.Dispose();
    }

    [Theory]
    [InlineData("Start-UdpListener -Port 0 -TimeoutSeconds 0.1 -Count 5")]
    [InlineData("Start-UdpListener -Port 0 -IdleTimeoutSeconds 1.1")]
    [InlineData("Send-UdpMessage 127.0.0.1 $silent hi -Count 300")]
    [InlineData("Send-UdpMessage 127.0.0.1 $silent hi | Receive-UdpAck -TimeoutSeconds 0.1 -Quiet")]
    public void What_is_short_or_has_no_end_shows_nothing(string script) => Assert.Empty(Run(script));

    [Fact]
    public void A_listener_shows_its_time_while_nothing_comes()
    {
        var shown = Run("Start-UdpListener -Port 0 -TimeoutSeconds 2.5");
        Assert.Matches(@"^Listening on 127\.0\.0\.1:\d+$", shown[0].Activity);
        Assert.All(Shown(shown), record => Assert.Equal("0 received", record.StatusDescription));
        Assert.True(Shown(shown).Count >= 2, "it moves while nothing comes");
        Assert.InRange(shown[0].SecondsRemaining, 0, 2);
        Assert.InRange(shown[0].PercentComplete, 40, 100);
        AssertEnds(shown);
    }

    [Fact]
    public async Task A_flood_shows_no_more_than_four_a_second()
    {
        var watch = Stopwatch.StartNew();
        using var listener = new RunningListener(_session, "Start-UdpListener -Port 0 -TimeoutSeconds 2 -NoAck");
        using var sender = new RawSocket();
        using var ended = new CancellationTokenSource();
        Task flood = Task.Run(
            () =>
            {
                while (!ended.IsCancellationRequested)
                {
                    sender.SendTo(listener.Port, "hi");
                }
            },
            TestContext.Current.CancellationToken);
        Assert.Null(listener.WaitForEnd());
        ended.Cancel();
        await flood;
        Assert.InRange(Shown(listener.Streams.Progress).Count, 1, (watch.Elapsed.TotalSeconds * 4) + 2);
        Assert.DoesNotContain(Shown(listener.Streams.Progress), record => record.StatusDescription == "0 received");
        AssertEnds(listener.Streams.Progress);
    }

    [Theory]
    [InlineData("Select-First")]
    [InlineData("ForEach-Object { throw 'x' }")]
    [InlineData("ForEach-Object { break }")]
    public void What_is_ended_from_downstream_is_taken_away(string downstream)
    {
        using var listener = new RunningListener(_session, $"Start-UdpListener -Port 0 -Count 9 | {downstream}");
        Until.True(() => listener.Streams.Progress.Count > 0, "progress is shown");
        Assert.Equal("0 of 9 received", listener.Streams.Progress[0].StatusDescription);
        Send(listener.Port);
        listener.WaitForEnd();
        AssertEnds(listener.Streams.Progress);
    }

    [Fact]
    public void What_is_stopped_leaves_the_rest_to_the_host()
    {
        using var listener = new RunningListener(_session, "Start-UdpListener -Port 0 -Count 9");
        Until.True(() => listener.Streams.Progress.Count > 0, "progress is shown");
        listener.Stop();
        Assert.IsType<PipelineStoppedException>(listener.WaitForEnd());
    }

    [Fact]
    public void A_job_keeps_its_newest_progress()
    {
        UdpListenerJob job = _session.StartJob("-TimeoutSeconds 3600");
        int added = 0;
        job.Progress.DataAdded += (_, _) => Interlocked.Increment(ref added);
        Until.True(() => Volatile.Read(ref added) >= 2, "the time goes on");
        Assert.InRange(job.Progress.Count, 0, 1);
    }

    [Fact]
    public void Receive_Job_shows_the_progress_of_a_job()
    {
        var shown = Run("Start-UdpListener -Port 0 -TimeoutSeconds 1.5 -AsJob | Receive-Job -Wait");
        Assert.StartsWith("Listening on 127.0.0.1:", shown[0].Activity);
        Assert.NotEmpty(Shown(shown));
        AssertEnds(shown);
    }

    [Theory]
    [InlineData("Send-UdpMessage 127.0.0.1 $silent hi -Count 3 -Delay 0.8", "2 sent, 1 to go", 66)]
    [InlineData("Send-UdpMessage 127.0.0.1, 127.0.0.2 $silent 1, 2 -Delay 0.8", "2 sent, 2 to go", 50)]
    [InlineData("1..3 | Send-UdpMessage 127.0.0.1 $silent -Delay 0.8", "2 sent", -1)]
    public void A_slow_sender_shows_what_it_has_sent(string script, string status, int percent)
    {
        var shown = Run(script);
        Assert.Equal("Sending messages", shown[0].Activity);
        ProgressRecord record = Assert.Single(
            Shown(shown).Where(one => one.StatusDescription == status).DistinctBy(one => one.PercentComplete));
        Assert.Equal(percent, record.PercentComplete);
        Assert.Equal(percent > 0, record.SecondsRemaining >= 0);
        AssertEnds(shown);
    }

    [Fact]
    public void Waiting_shows_what_has_become_of_messages_and_how_many_are_in_flight()
    {
        _session["listening"] = _session.StartJob().LocalPort;
        _session["closed"] = Ports.Closed();
        var shown = Run("""
            $listening, $closed, $closed, $silent, $silent, $silent | ForEach-Object { Send-UdpMessage 127.0.0.1 $_ hi } |
                Receive-UdpAck -ThrottleLimit 9 -TimeoutSeconds 5 -Quiet
            """);
        Assert.Equal("Waiting for acks", shown[0].Activity);
        Assert.Equal("6 sent, 1 acknowledged, 2 failed, 3 in flight", shown[0].StatusDescription);
        AssertEnds(shown);
    }

    [Theory]
    [InlineData("Send-UdpMessage 127.0.0.1 $silent (1..9) -Delay 0.6 | Where-Object Message -eq 4 | Select-First")]
    [InlineData("Send-UdpMessage 127.0.0.1 $silent hi | Receive-UdpAck -PassThru -TimeoutSeconds 3 | Select-First")]
    public void What_a_sender_or_a_wait_shows_is_taken_away_at_an_end_from_downstream(string script)
    {
        var shown = Run(script);
        Assert.NotEmpty(Shown(shown));
        AssertEnds(shown);
    }

    [Fact]
    public void Waiting_with_retries_shows_which_it_is()
    {
        var shown = Run(
            "Send-UdpMessage 127.0.0.1 $silent hi | Receive-UdpAck -TimeoutSeconds 0.6 -MaximumRetryCount 1 -Quiet");
        Assert.Matches(@"^attempt \d of 2", shown[0].StatusDescription);
        Assert.Contains(shown, record => record.StatusDescription == "attempt 2 of 2" && record.PercentComplete >= 20);
        AssertEnds(shown);
    }

    [Fact]
    public void Commands_of_one_pipeline_do_not_take_each_others_place()
    {
        var shown = Run(
            "Send-UdpMessage 127.0.0.1 $silent hi -Count 2 -Delay 0.1 | Receive-UdpAck -TimeoutSeconds 1.2 -Quiet");
        var byCommand = shown.ToLookup(record => record.ActivityId, record => record);
        Assert.Equal(["Sending messages", "Waiting for acks"], byCommand.Select(records => records.First().Activity).Order());
        Assert.All(byCommand, records => AssertEnds(records.ToList()));
    }

    private static void Send(int port)
    {
        using var sender = new RawSocket();
        sender.SendTo(port, "hi");
    }

    private static List<ProgressRecord> Shown(IEnumerable<ProgressRecord> records) =>
        records.Where(record => record.RecordType == ProgressRecordType.Processing).ToList();

    private static void AssertEnds(IList<ProgressRecord> records)
    {
        Assert.Equal(ProgressRecordType.Completed, records[^1].RecordType);
        Assert.Single(records, record => record.RecordType == ProgressRecordType.Completed);
    }

    private List<ProgressRecord> Run(string script)
    {
        using PowerShell powerShell = _session.Create(script);
        powerShell.Invoke();
        return powerShell.Streams.Progress.ToList();
    }
}
