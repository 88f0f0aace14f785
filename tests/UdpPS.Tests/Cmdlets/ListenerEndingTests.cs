using System;
using System.Linq;
using System.Management.Automation;
using System.Net.Sockets;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Cmdlets;

/// <summary>However a listener ends, its port is free and its threads are gone: each ending, many times.</summary>
public sealed class ListenerEndingTests : IDisposable
{
    private const int Times = 50;

    private readonly Session _session = new();
    private readonly RawSocket _peer = new();

    public void Dispose()
    {
        _peer.Dispose();
        _session.Dispose();
    }

    [Theory]
    [InlineData("Start-UdpListener -Port 0 | Select-First")]
    [InlineData("Start-UdpListener -Port 0 | Where-Object { $true } | Select-First")]
    [InlineData("foreach ($once in 1) { Start-UdpListener -Port 0 | ForEach-Object { $_; break } }")]
    [InlineData("Start-UdpListener -Port 0 -Count 1")]
    public void The_message_that_ends_it_is_acknowledged_and_put_out(string script)
    {
        for (int i = 0; i < Times; i++)
        {
            using var listener = new RunningListener(_session, script);
            _peer.SendTo(listener.Port, "last");
            Assert.Equal("Message received", _peer.Receive());
            Assert.Null(listener.WaitForEnd());
            AssertGone(listener.Port);
            Assert.Equal("last", Assert.Single(listener.Messages).Message);
        }
    }

    [Theory]
    [InlineData("ForEach-Object { throw 'no' }")]
    [InlineData("Stop-OnFailure")]
    [InlineData("ForEach-Object { Get-Command nosuchcommand -ErrorAction Stop }")]
    [InlineData("Get-Command -Name { 'nosuchcommand' } -ErrorAction Stop")]
    public void A_failure_downstream_ends_it_without_an_ack(string downstream)
    {
        // Without a look for a module that has the command: it takes fifty times as long as all the rest.
        _session.Run("""
            $global:PSModuleAutoLoadingPreference = 'None'
            function global:Stop-OnFailure {
                [CmdletBinding()] param([Parameter(ValueFromPipeline)] $InputObject)
                process {
                    $PSCmdlet.ThrowTerminatingError(
                        [Management.Automation.ErrorRecord]::new([Exception]::new('no'), 'No', 'NotSpecified', $null))
                }
            }
            """);
        for (int i = 0; i < Times; i++)
        {
            using var listener = new RunningListener(_session, $"Start-UdpListener -Port 0 | {downstream}");
            _peer.SendTo(listener.Port, "a");
            Assert.True(listener.WaitForEnd() is RuntimeException || listener.Streams.Error.Count == 1, "the failure is told");
            AssertGone(listener.Port);
            Assert.False(_peer.HasMore);
        }
    }

    [Theory]
    [InlineData("-TimeoutSeconds 0.01")]
    [InlineData("-IdleTimeoutSeconds 0.01")]
    public void It_ends_when_its_time_is_up(string limit)
    {
        for (int i = 0; i < Times; i++)
        {
            using var listener = new RunningListener(_session, $"Start-UdpListener -Port 0 {limit}");
            Assert.Null(listener.WaitForEnd());
            AssertGone(listener.Port);
        }
    }

    [Fact]
    public void Ctrl_C_ends_a_waiting_listener()
    {
        for (int i = 0; i < Times; i++)
        {
            using var listener = new RunningListener(_session, "Start-UdpListener -Port 0");
            listener.Stop();
            AssertGone(listener.Port);
        }
    }

    [Fact]
    public void Ctrl_C_ends_a_busy_listener()
    {
        for (int i = 0; i < Times; i++)
        {
            using var listener = new RunningListener(_session, "Start-UdpListener -Port 0");
            for (int j = 0; j < 100; j++)
            {
                _peer.SendTo(listener.Port, "a");
            }

            Until.True(() => listener.Output.Count > 0, "messages come out");
            listener.Stop();
            AssertGone(listener.Port);
        }
    }

    [Theory]
    [InlineData("Stop-Job $job; $job.State; Remove-Job $job", "Stopped")]
    [InlineData("Remove-Job -Force $job; $job.State", "Stopped")]
    [InlineData("$job.Dispose(); $job.State", "Stopped")]
    public void Stopping_a_job_ends_it(string script, string state)
    {
        for (int i = 0; i < Times; i++)
        {
            UdpListenerJob job = _session.StartJob();
            _session["job"] = job;
            Assert.Equal(state, _session.Run(script).Single().ToString());
            AssertGone(job.LocalPort);
        }
    }

    [Fact]
    public void A_job_whose_limit_is_reached_ends_by_itself()
    {
        for (int i = 0; i < Times; i++)
        {
            UdpListenerJob job = _session.StartJob("-Count 1");
            _peer.SendTo(job.LocalPort, "a");
            _session["job"] = job;
            Assert.Equal("a", Assert.Single(_session.Run<UdpMessage>("Receive-Job $job -Wait")).Message);
            Assert.Equal(JobState.Completed, job.JobStateInfo.State);
            AssertGone(job.LocalPort);
            _session.Run("Remove-Job $job");
        }
    }

    [Fact]
    public void One_that_cannot_go_on_says_so_and_ends()
    {
        using var listener = new RunningListener(_session, "Start-UdpListener -Port 0");
        BrokenSocket.Break(listener.Port);
        Assert.Null(listener.WaitForEnd());
        ErrorRecord error = Assert.Single(listener.Streams.Error);
        Assert.Equal("UdpListenerFailed,UdpPS.Commands.StartUdpListenerCommand", error.FullyQualifiedErrorId);
        AssertListenerFailed(error, listener.Port);
    }

    [Fact]
    public void It_is_named_as_it_was_announced()
    {
        using var listener = new RunningListener(_session, "Start-UdpListener -Port 0 -MulticastGroup 239.255.40.1 -Interface lo");
        BrokenSocket.Break(listener.Port);
        Assert.Null(listener.WaitForEnd());
        Assert.Equal($"Any:{listener.Port}", Assert.Single(listener.Streams.Error).TargetObject);
    }

    [Fact]
    public void A_job_that_cannot_go_on_says_so_and_has_failed()
    {
        UdpListenerJob job = _session.StartJob();
        BrokenSocket.Break(job.LocalPort);
        Until.True(() => job.JobStateInfo.State == JobState.Failed, "the job has failed");
        AssertListenerFailed(Assert.Single(job.Error), job.LocalPort);
    }

    [Fact]
    public void A_bad_start_leaves_nothing_behind()
    {
        using var taken = new RawSocket();
        _session["port"] = taken.Port;
        string[] scripts =
        [
            "Start-UdpListener -Port $port",
            "Start-UdpListener -Port $port -AsJob",
            "Start-UdpListener -Port 0 -MulticastGroup 10.0.0.1",
            "Start-UdpListener -Port 0 -MulticastGroup 239.1.1.1 -Interface nosuch0",
            "Start-UdpListener -Port 0 -AllowFrom 1.2.3",
            "Start-UdpListener -Port 0 -LocalAddress 192.0.2.1",
            "Start-UdpListener -Port 0 -Name x",
        ];
        int before = ProcessSockets.CountInUse();
        for (int i = 0; i < Times; i++)
        {
            foreach (string script in scripts)
            {
                _session.RunToError(script);
            }
        }

        UdpThreads.AssertNone();
        Assert.Equal(before, ProcessSockets.Count());
        Assert.Empty(_session.Run("Get-Job"));
    }

    private static void AssertListenerFailed(ErrorRecord error, int port)
    {
        Assert.StartsWith("UdpListenerFailed", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.ConnectionError, error.CategoryInfo.Category);
        Assert.Equal($"127.0.0.1:{port}", error.TargetObject);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);

        // What the system says of it is in the sentence.
        SocketException reason = Assert.IsType<SocketException>(error.Exception.InnerException);
        Assert.Contains(reason.Message.TrimEnd('.'), error.Exception.Message);
        AssertGone(port);
    }

    private static void AssertGone(int port)
    {
        Ports.AssertFree(port);
        UdpThreads.AssertNone();
    }
}
