using System;
using System.Linq;
using System.Management.Automation;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Cmdlets;

public sealed class ModuleRemovalTests : IDisposable
{
    private readonly Session _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Removing_the_module_ends_its_jobs_and_frees_their_ports()
    {
        UdpListenerJob[] jobs = [_session.StartJob(), _session.StartJob("-AckScript { 'ok' }"), _session.StartJob("-NoAck")];
        _session.Run("Remove-Module UdpPS");
        foreach (UdpListenerJob job in jobs)
        {
            Assert.Equal(JobState.Stopped, job.JobStateInfo.State);
            Ports.AssertFree(job.LocalPort);
        }
    }

    [Fact]
    public void What_has_come_waits_on_for_Receive_Job()
    {
        UdpListenerJob job = _session.StartJob();
        using var peer = new RawSocket();
        peer.SendTo(job.LocalPort, "hello");
        Assert.Equal("Message received", peer.Receive());
        Assert.Equal("hello", _session.Run<UdpMessage>("Remove-Module UdpPS; Get-Job | Receive-Job").Single().Message);
    }

    [Fact]
    public void A_script_that_hangs_does_not_hold_up_the_removal()
    {
        UdpListenerJob job = _session.StartJob("-AckScript { while ($true) { } }");
        using var peer = new RawSocket();
        peer.SendTo(job.LocalPort, "a");
        Until.True(() => job.Statistics.Delivered == 1, "the script runs");
        _session.Run("Remove-Module UdpPS");
        Ports.AssertFree(job.LocalPort);
        UdpThreads.AssertNone();
    }

    [Theory]
    [InlineData("Remove-Module UdpPS")]
    [InlineData("Import-Module $manifest -Force")]
    public void The_jobs_of_another_session_go_on(string script)
    {
        UdpListenerJob job = _session.StartJob();
        using (var other = new Session())
        {
            UdpListenerJob its = other.StartJob();
            other["manifest"] = Repository.Manifest;
            other.Run(script);
            Assert.Equal(JobState.Stopped, its.JobStateInfo.State);
        }

        Assert.Equal(JobState.Running, job.JobStateInfo.State);
        using var peer = new RawSocket();
        peer.SendTo(job.LocalPort, "hello");
        Assert.Equal("Message received", peer.Receive());
    }

    [Fact]
    public void Removing_a_module_without_jobs_is_no_error_and_it_can_be_imported_again()
    {
        _session["manifest"] = Repository.Manifest;
        _session.Run("Remove-Module UdpPS; Import-Module $manifest");
        Assert.Equal(JobState.Running, _session.StartJob().JobStateInfo.State);
    }
}
