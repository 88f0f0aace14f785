using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Net;
using System.Text;
using UdpPS.Commands;
using UdpPS.Listening;
using UdpPS.Sending;
using UdpPS.Sockets;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Cmdlets;

/// <summary>What progress says, and when it wants to be asked, by a clock that the test moves.</summary>
public sealed class ProgressTextTests
{
    private const int Unknown = -1;

    private readonly List<ProgressRecord> _shown = [];
    private int _now;

    private ProgressRecord Last => _shown[^1];

    [Theory]
    [InlineData(0, 100, 25, 75)]
    [InlineData(10, 100, 25, 75)]
    [InlineData(10, 100, 75, 50)]
    [InlineData(10, 0, 0, 50)]
    public void A_listener_is_as_far_as_the_greater_of_its_shares(int count, int timeout, int left, int percent)
    {
        var progress = new ListenerProgress(new DeliveryLimits(count, timeout, 0), Bar());
        Pass(1000);
        progress.Report(5, timeout == 0 ? Deadline.Never : Deadline.After(left));
        Assert.Equal(count == 0 ? "5 received" : "5 of 10 received", Last.StatusDescription);
        Assert.InRange(Last.PercentComplete, percent, percent + 10);
        Assert.InRange(Last.SecondsRemaining, timeout == 0 ? Unknown : left - 5, timeout == 0 ? Unknown : left);
    }

    [Fact]
    public void A_listener_that_only_counts_is_left_alone_while_nothing_new_comes()
    {
        var progress = new ListenerProgress(new DeliveryLimits(10, 0, 0), Bar());
        progress.Report(0, Deadline.Never);
        Assert.Equal(1, progress.IntervalSeconds);
        Pass(1000);
        progress.Report(0, Deadline.Never);
        Assert.Equal(0, progress.IntervalSeconds);
        Pass(100);
        progress.Report(1, Deadline.Never);
        Assert.Equal(1, progress.IntervalSeconds);
        Assert.Single(_shown);
        Pass(150);
        progress.Report(1, Deadline.Never);
        Assert.Equal("1 of 10 received", Last.StatusDescription);
        Assert.Equal(0, progress.IntervalSeconds);
    }

    [Fact]
    public void A_listener_whose_time_is_limited_is_looked_at_every_second()
    {
        var progress = new ListenerProgress(new DeliveryLimits(0, 60, 0), Bar());
        Assert.Equal(1, progress.IntervalSeconds);
        Pass(1000);
        progress.Report(0, Deadline.After(59));
        Assert.Equal(1, progress.IntervalSeconds);
    }

    [Fact]
    public void A_listener_without_such_an_end_shows_nothing() =>
        Assert.Null(ListenerProgress.For(new DeliveryLimits(0, 0, 60), "127.0.0.1", 4010, _shown.Add));

    [Fact]
    public void A_sender_tells_what_is_to_go_where_that_is_known()
    {
        var progress = new SendProgress(delay: 2, Bar());
        progress.Begin(5);
        Pass(1000);
        progress.NoteSent(2);
        AssertShown("2 sent, 3 to go", 40, 6);
        Pass(250);
        progress.ShowIfDue(secondsToNext: 1.5);
        AssertShown("2 sent, 3 to go", 40, 6);
        Pass(250);
        progress.ShowIfDue(secondsToNext: 0.9);
        AssertShown("2 sent, 3 to go", 40, 5);
        Pass(250);
        progress.NoteFailure(2);
        AssertShown("2 sent, 1 failed, 1 to go", 80, 2);
        Pass(250);
        progress.NoteSent();
        AssertShown("3 sent, 1 failed, 0 to go", 100, Unknown);

        // The next row begins anew, but for what there is in all.
        progress.Begin(4);
        Pass(250);
        progress.NoteSent();
        AssertShown("4 sent, 1 failed, 3 to go", 25, 6);
    }

    [Fact]
    public void A_sender_that_does_not_know_the_end_only_counts()
    {
        var progress = new SendProgress(delay: 0, Bar());
        progress.Begin(1);
        Pass(1000);
        progress.NoteSent();
        AssertShown("1 sent", Unknown, Unknown);
        progress.Begin(2);
        progress.NoteSent(3);
        Pass(250);
        progress.NoteSent();
        AssertShown("5 sent", Unknown, Unknown);
    }

    [Fact]
    public void Acks_are_counted_by_what_became_of_the_messages()
    {
        var progress = new AckProgress(Bar());
        progress.Note(new AckEvent(Message(UdpSendStatus.Acknowledged), null, IsSettled: true));
        progress.Note(new AckEvent(Message(UdpSendStatus.Sent), null, IsSettled: false));
        progress.Note(new AckEvent(Message(UdpSendStatus.NoReply), null, IsSettled: true));
        progress.Note(new AckEvent(Message(UdpSendStatus.PortClosed), null, IsSettled: true));
        progress.Show(4, null);
        AssertShown("7 sent, 1 acknowledged, 2 failed, 4 in flight", Unknown, Unknown);
        progress.Show(1, new AckWait(2, 4, 10, Deadline.After(1000)));
        Assert.StartsWith("4 sent, 1 acknowledged, 2 failed, 1 in flight; attempt 2 of 4, next in ", Last.StatusDescription);
        Assert.Equal(Unknown, Last.PercentComplete);
    }

    [Fact]
    public void The_only_message_tells_how_it_waits()
    {
        var progress = new AckProgress(Bar());
        progress.Show(1, new AckWait(2, 4, 2000, Deadline.After(1000)));
        Assert.Matches(@"^attempt 2 of 4, next in (1000|9\d\d) s$", Last.StatusDescription);
        Assert.Equal(Unknown, Last.PercentComplete);
        Assert.Equal(Unknown, Last.SecondsRemaining);
        progress.Show(1, new AckWait(4, 4, 2000, Deadline.After(1000)));
        Assert.Equal("attempt 4 of 4", Last.StatusDescription);
        Assert.InRange(Last.PercentComplete, 50, 55);
        Assert.InRange(Last.SecondsRemaining, 900, 1000);
        progress.Show(1, new AckWait(1, 1, 0, Deadline.Never));
        AssertShown("1 sent, 0 acknowledged, 0 failed, 1 in flight", Unknown, Unknown);
    }

    [Fact]
    public void Seconds_to_the_next_attempt_are_rounded_up()
    {
        var progress = new AckProgress(Bar());
        Deadline end = Deadline.After(1000);
        double before = Math.Ceiling(end.RemainingSeconds);
        progress.Show(1, new AckWait(2, 4, 2000, end));
        double after = Math.Ceiling(end.RemainingSeconds);
        Assert.Contains(Last.StatusDescription, new[] { $"attempt 2 of 4, next in {before} s", $"attempt 2 of 4, next in {after} s" });
    }

    [Fact]
    public void Only_one_that_is_alone_tells_which_attempt_it_is_and_only_when_that_is_due()
    {
        using var silent = new RawSocket();
        using var sender = new UdpSender(new SendOptions());
        using AckCollector collector = SentMessages.Collector(timeout: 1000, retries: 3);
        var progress = new AckProgress(Bar());
        collector.Add(SentMessages.Send(sender, "a", silent.EndPoint));
        progress.ShowIfDue(collector);
        Assert.Empty(_shown);
        Pass(1000);
        progress.ShowIfDue(collector);
        Assert.StartsWith("attempt 1 of 4, next in ", Last.StatusDescription);
        collector.Add(SentMessages.Send(sender, "b", silent.EndPoint));
        Pass(250);
        progress.ShowIfDue(collector);
        AssertShown("2 sent, 0 acknowledged, 0 failed, 2 in flight", Unknown, Unknown);
    }

    // How many come after it is not known.
    [Fact]
    public void The_last_attempt_of_one_of_several_is_no_share_of_all()
    {
        var progress = new AckProgress(Bar());
        progress.Note(new AckEvent(Message(UdpSendStatus.Acknowledged), null, IsSettled: true));
        progress.Show(1, new AckWait(4, 4, 2000, Deadline.After(1000)));
        AssertShown("2 sent, 1 acknowledged, 0 failed, 1 in flight; attempt 4 of 4", Unknown, Unknown);
    }

    [Fact]
    public void No_two_commands_of_a_pipeline_nor_a_script_that_counts_from_0_share_a_bar()
    {
        ProgressActivity[] activities = Enum.GetValues<ProgressActivity>();
        Assert.Equal([40101, 40102, 40103], activities.Select(activity => (int)activity));
    }

    [Fact]
    public void What_was_never_shown_is_not_taken_away()
    {
        ProgressBar bar = Bar();
        bar.Remove();
        Assert.Empty(_shown);
        bar.Show("status", 2, double.MaxValue);
        AssertShown("status", 100, int.MaxValue);
        bar.Remove();
        bar.TryRemove();
        Assert.Equal([ProgressRecordType.Processing, ProgressRecordType.Completed], _shown.Select(record => record.RecordType));
    }

    private static UdpSentMessage Message(UdpSendStatus status) =>
        new("host", new IPEndPoint(IPAddress.Loopback, 9), [], null, Encoding.UTF8) { Status = status };

    private ProgressBar Bar() => new(ProgressActivity.Sending, "title", _shown.Add, new ProgressPace(() => _now));

    private void Pass(int milliseconds) => _now += milliseconds;

    private void AssertShown(string status, int percent, int seconds)
    {
        Assert.Equal(status, Last.StatusDescription);
        Assert.Equal(percent, Last.PercentComplete);
        Assert.Equal(seconds, Last.SecondsRemaining);
    }
}
