using System;
using System.Diagnostics;
using System.Linq;
using System.Management.Automation;
using System.Net;
using System.Text;
using System.Threading;
using UdpPS.AckScripts;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Cmdlets;

public sealed class ListenerJobTests : IDisposable
{
    private readonly Session _session = new();
    private readonly RawSocket _peer = new();
    private UdpListenerJob? _job;

    public void Dispose()
    {
        _peer.Dispose();
        _session.Dispose();
    }

    [Fact]
    public void The_job_is_bound_before_it_is_returned_and_found_by_name()
    {
        UdpListenerJob job = _session.StartJob("-Name alarms");
        Assert.Equal(JobState.Running, job.JobStateInfo.State);
        Assert.Equal("127.0.0.1", job.LocalAddress);
        Assert.Equal($"127.0.0.1:{job.LocalPort}", job.Location);
        Assert.Same(job, _session.Run<UdpListenerJob>("Get-Job -Name alarms").Single());
        _peer.SendTo(job.LocalPort, "a");
        Assert.Equal("Message received", _peer.Receive());
    }

    [Fact]
    public void Receive_Job_streams_the_messages_and_takes_them_away()
    {
        _session["job"] = Job("-AckMessage ok");
        Exchange("a", "b");
        Assert.Equal(["a", "b"], _session.Run<UdpMessage>("Receive-Job $job -Keep").Select(message => message.Message));
        Assert.Equal(["a", "b"], _session.Run<UdpMessage>("Receive-Job $job").Select(message => message.Message));
        Assert.Empty(_session.Run("Receive-Job $job"));
    }

    [Fact]
    public void What_was_acknowledged_is_in_the_output()
    {
        UdpListenerJob job = Job();
        Exchange("a");
        Assert.Equal("a", Assert.Single(job.Output).BaseObject.ToString());
    }

    [Fact]
    public void The_statistics_count_what_happens()
    {
        UdpListenerJob job = Job("-NoAck");
        _peer.SendTo(job.LocalPort, "a");
        Until.True(() => job.Statistics.Delivered == 1, "the message is delivered");
        Assert.Equal(1, job.Statistics.Received);
        Assert.Equal(0, job.Statistics.Acknowledged);

        job = Job();
        Exchange("a", "b", "c");
        Until.True(() => job.Statistics.Acknowledged == 3, "the acks are counted");
        Assert.Equal(3, job.Statistics.Received);
        Assert.Equal(3, job.Statistics.Delivered);
        Assert.Equal(0, job.Statistics.Dropped + job.Statistics.Denied + job.Statistics.Errors);
        _session["job"] = job;
        _session.Run("Stop-Job $job");
        Assert.Equal(3, job.Statistics.Received);
    }

    [Theory]
    [InlineData("-LocalAddress 127.0.0.2", "127.0.0.2")]
    [InlineData("-LocalAddress Any", "Any")]
    public void Its_start_is_in_its_information_stream(string parameters, string address)
    {
        UdpListenerJob job = Job(parameters);
        Until.True(() => job.Information.Count > 0, "the start is told");
        InformationRecord record = Assert.Single(job.Information);
        Assert.Equal($"UDP listener up on {address}:{job.LocalPort}", record.MessageData);
        Assert.Equal("UdpPS", record.Source);
        Assert.Equal($"{address}:{job.LocalPort}", job.Location);
    }

    [Fact]
    public void It_has_more_data_while_any_stream_has_some_to_receive()
    {
        UdpListenerJob job = Job();
        Until.True(() => job.Information.Count > 0, "the start is told");
        Assert.True(job.HasMoreData, "Information");
        job.Information.Clear();
        Assert.False(job.HasMoreData, "none");
        job.Output.Add(PSObject.AsPSObject(1));
        Assert.True(job.HasMoreData, "Output");
        job.Output.Clear();
        job.Error.Add(new ErrorRecord(new InvalidOperationException(), "Id", ErrorCategory.NotSpecified, null));
        Assert.True(job.HasMoreData, "Error");
        job.Error.Clear();
        job.Warning.Add(new WarningRecord("text"));
        Assert.True(job.HasMoreData, "Warning");
        job.Warning.Clear();
        job.Verbose.Add(new VerboseRecord("text"));
        Assert.True(job.HasMoreData, "Verbose");
        job.Verbose.Clear();
        Assert.False(job.HasMoreData, "all received");
    }

    [Theory]
    [InlineData("SilentlyContinue", "", false)]
    [InlineData("Ignore", "", false)]
    [InlineData("Continue", "", true)]
    [InlineData("SilentlyContinue", "-Verbose", true)]
    [InlineData("Continue", "-Verbose:$false", false)]
    public void It_keeps_verbose_text_where_the_session_or_the_command_wants_it(string preference, string parameter, bool isKept)
    {
        UdpListenerJob job = Job($"-Count 1 {parameter}", $"$VerbosePreference = '{preference}';");
        Exchange("a");
        Until.True(() => job.JobStateInfo.State == JobState.Completed, "the job is done");
        Assert.Equal(isKept ? 2 : 0, job.Verbose.Count);
    }

    [Fact]
    public void A_script_answers_in_a_session_of_its_own_with_the_callers_values()
    {
        Job("""
            -AckScript {
                & { "$($_.Message), $using:word, $($using:list -join '+'), $($using:list[1]), $(${using:word}.Length)" }
            }
            """, "$word = 'word'; $list = 1, 2;");
        _peer.SendTo(_job!.LocalPort, "hey");
        Assert.Equal("hey, word, 1+2, 2, 4", _peer.Receive());
    }

    [Fact]
    public void A_script_may_use_what_is_in_a_scope_or_a_drive()
    {
        Environment.SetEnvironmentVariable("UDPPS_TEST", "drive");
        Job(
            "-AckScript { \"$using:global:word $(${using:env:UDPPS_TEST}.Length) $using:env:UDPPS_TEST\" }",
            "$global:word = 'word';");
        _peer.SendTo(_job!.LocalPort, "a");
        Assert.Equal("word 5 drive", _peer.Receive());
    }

    [Fact]
    public void A_script_may_splat_what_the_caller_has()
    {
        Job("-AckScript { & { param($First, $Second) \"$First, $Second\" } @using:both }", "$both = @{ Second = 2; First = 1 };");
        _peer.SendTo(_job!.LocalPort, "a");
        Assert.Equal("1, 2", _peer.Receive());
    }

    [Fact]
    public void A_script_has_the_module_in_its_session_which_is_found_by_its_name()
    {
        using AckScriptRunner script = Script(
            "$_.ToRecord().Message, (Get-Command Send-UdpMessage).ModuleName, [runspace]::DefaultRunspace.Name -join ' '");
        Assert.True(script.TryCreateAck(Sample.Message("127.0.0.1:5000", "a"), _ => { }, out byte[]? ack));
        Assert.Equal("a UdpPS UdpPS AckScript", Encoding.UTF8.GetString(ack!));
    }

    [Fact]
    public void A_script_that_is_about_to_run_is_stopped_too()
    {
        using AckScriptRunner script = Script("'ack'");
        UdpMessage message = Sample.Message("127.0.0.1:5000", "a");
        Assert.True(script.TryCreateAck(message, _ => { }, out byte[]? ack));
        Assert.Equal("ack"u8.ToArray(), ack);
        script.BeginStop();
        Assert.Throws<PipelineStoppedException>(() => script.TryCreateAck(message, _ => { }, out _));
    }

    [Fact]
    public void A_script_is_stopped_at_whatever_moment_of_its_start()
    {
        var random = new Random(1);
        UdpMessage message = Sample.Message("127.0.0.1:5000", "a");
        for (int i = 0; i < 100; i++)
        {
            using AckScriptRunner script = Script("if (-not $isWarm) { $global:isWarm = $true } else { while ($true) { } }");
            script.TryCreateAck(message, _ => { }, out _);
            using var start = new ManualResetEventSlim();
            var thread = new Thread(() =>
            {
                start.Set();
                Record.Exception(() => script.TryCreateAck(message, _ => { }, out _));
            });
            thread.IsBackground = true;
            thread.Start();
            start.Wait(TestContext.Current.CancellationToken);
            Thread.SpinWait(random.Next(3000));
            script.BeginStop();
            Assert.True(thread.Join(Until.Deadline), "the script ends");
        }
    }

    [Fact]
    public void A_script_may_do_no_more_than_the_session_it_comes_from()
    {
        UdpListenerJob job = Job(
            "-AckScript { if ($_.Message -eq 'good') { $using:word } else { [System.IO.Path]::GetTempPath() } }",
            "$word = 'ok'; $ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage';");
        _peer.SendTo(job.LocalPort, "bad");
        _peer.SendTo(job.LocalPort, "good");
        Assert.Equal("ok", _peer.Receive());
        Assert.Contains("language mode", Assert.Single(job.Error).ToString());
    }

    [Fact]
    public void A_script_that_fails_is_in_the_jobs_errors_and_the_job_goes_on()
    {
        UdpListenerJob job = Job("-AckScript { if ($_.Message -eq 'bad') { throw 'broken' }; 'ok' }");
        _peer.SendTo(job.LocalPort, "bad");
        _peer.SendTo(job.LocalPort, "good");
        Assert.Equal("ok", _peer.Receive());
        Assert.StartsWith("UdpAckScriptFailed", Assert.Single(job.Error).FullyQualifiedErrorId);
        Assert.Equal(JobState.Running, job.JobStateInfo.State);
    }

    [Fact]
    public void A_script_that_hangs_does_not_hold_up_the_stop()
    {
        UdpListenerJob job = Job("-AckScript { while ($true) { } }");
        _peer.SendTo(job.LocalPort, "a");
        Until.True(() => job.Statistics.Delivered == 1, "the script runs");
        _session["job"] = job;
        _session.Run("Stop-Job $job");
        Assert.Equal(JobState.Stopped, job.JobStateInfo.State);
        Ports.AssertFree(job.LocalPort);
        UdpThreads.AssertNone();
    }

    [Fact]
    public void A_script_that_nothing_can_interrupt_does_not_hold_up_the_stop_either()
    {
        using var gate = new Gate();
        _session["gate"] = gate;
        UdpListenerJob job = Job("-AckScript { ($using:gate).Pass() }");
        _peer.SendTo(job.LocalPort, "a");
        Until.True(() => gate.Arrived == 1, "the script waits");
        _session["job"] = job;
        var clock = Stopwatch.StartNew();
        _session.Run("Stop-Job $job");

        // The gate opens by itself a minute later.
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, Until.Deadline);
        Assert.Equal(JobState.Running, job.JobStateInfo.State);
        Ports.AssertFree(job.LocalPort);
        gate.Open();
        Until.True(() => job.JobStateInfo.State == JobState.Stopped, "the job has stopped");
    }

    [Fact]
    public void A_script_may_stop_its_own_job()
    {
        UdpListenerJob job = Job("-AckScript { ($using:holder).Job.StopJob(); 'bye' }", "$holder = @{};");
        _session.Run("$holder.Job = Get-Job");
        _peer.SendTo(job.LocalPort, "a");
        Until.True(() => job.JobStateInfo.State == JobState.Stopped, "the job has stopped");
        Ports.AssertFree(job.LocalPort);
    }

    [Fact]
    public void It_takes_the_fixed_port_of_messages_from_its_own_address_and_from_no_other()
    {
        _session["peer"] = _peer.Port;
        _session["port"] = Ports.Free();
        _session.Run("$sent = Send-UdpMessage 127.0.0.1 $peer hi -LocalAddress 127.0.0.1 -LocalPort $port");
        _peer.Receive(out IPEndPoint from);
        _session.Run("$other = Start-UdpListener -LocalAddress 127.0.0.2 -Port $port -AsJob");
        _peer.SendTo(from, "ack");
        Assert.Equal("ack", _session.Run<UdpAck>("$sent | Receive-UdpAck -TimeoutSeconds 60").Single().Message);
    }

    [Fact]
    public void Its_errors_when_it_cannot_start_are_the_commands()
    {
        _session["port"] = Job().LocalPort;
        ErrorRecord error = _session.RunToError("Start-UdpListener -Port $port -AsJob");
        Assert.StartsWith("UdpAddressInUse,", error.FullyQualifiedErrorId);
    }

    private AckScriptRunner Script(string text)
    {
        using PowerShell powerShell = _session.Create("$ExecutionContext.SessionState");
        var session = (SessionState)powerShell.Invoke().Single().BaseObject;
        return AckScriptRunner.InOwnSession(
            UsingScript.Create(ScriptBlock.Create(text), session), Repository.Manifest, PSLanguageMode.FullLanguage, Encoding.UTF8);
    }

    private UdpListenerJob Job(string parameters = "", string before = "") =>
        _job = _session.Run<UdpListenerJob>($"{before} Start-UdpListener -Port 0 -AsJob {parameters}").Single();

    private void Exchange(params string[] texts)
    {
        foreach (string text in texts)
        {
            _peer.SendTo(_job!.LocalPort, text);
            _peer.ReceiveBytes(out IPEndPoint _);
        }
    }
}
