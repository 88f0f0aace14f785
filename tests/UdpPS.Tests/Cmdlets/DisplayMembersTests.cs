using System;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using UdpPS.Display;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Cmdlets;

/// <summary>The hidden members that views show.</summary>
public sealed class DisplayMembersTests : IDisposable
{
    private const string Hostile = "a\u001B[2Jb";
    private const string Visible = "a\u241B[2Jb";

    private readonly Session _session = new();

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("FullLanguage")]
    [InlineData("ConstrainedLanguage")]
    public void They_are_there_in_any_language_mode_and_for_copies_too(string language)
    {
        PSObject[] sent = [.. Settle()];
        _session["objects"] = sent.Concat(sent.Select(CopyOf)).ToArray();
        string[] shown = [.. _session.Run<string>($$"""
            $ExecutionContext.SessionState.LanguageMode = '{{language}}'
            $objects | ForEach-Object {
                if ($_.Status) { '{0}|{1}|{2}|{3}|{4}' -f $_.PSViewServer, $_.PSViewRemoteAddress, $_.PSViewMessage, $_.PSViewStatus, $_.PSViewAck }
                elseif ($_.Sequence) { '{0}|{1}|{2}' -f $_.PSViewRemoteAddress, $_.PSViewLocalAddress, $_.PSViewMessage }
                else { '{0}|{1}|{2}|{3}' -f $_.PSViewServer, $_.PSViewRemoteAddress, $_.PSViewMessage, $_.PSViewSentMessage }
            }
            """)];
        string[] expected =
        [
            $"127.0.0.1|127.0.0.1|{Visible}|Acknowledged|re: {Visible}",
            $"127.0.0.1|127.0.0.1|re: {Visible}|{Visible}",
            $"127.0.0.1|127.0.0.1|{Visible}",
        ];
        Assert.Equal([.. expected, .. expected], shown);
    }

    [Fact]
    public void Times_have_the_day_and_the_millisecond_for_copies_too()
    {
        PSObject[] sent = [.. Settle()];
        _session["objects"] = sent.Concat(sent.Select(CopyOf)).ToArray();
        Assert.All(
            _session.Run("$objects | ForEach-Object { if ($_.SentAt) { $_.PSViewSentAt, $_.SentAt } else { $_.PSViewReceivedAt, $_.ReceivedAt } }").Chunk(2),
            pair => Assert.Equal(
                ((DateTime)pair[1].BaseObject).ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture), pair[0].BaseObject));
    }

    [Theory]
    [InlineData("2001:db8:1:2:3:4:55", "2001:db8:1:2:3:4:55")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:\u20262:3:4:5:6")]
    [InlineData("192.168.147.130", "192.168.147.130")]
    [InlineData("alarms.bern.example.org", "alarms.be\u2026ample.org")]
    public void What_is_too_long_for_a_table_is_shown_by_both_its_ends(string text, string expected)
    {
        var source = new PSObject();
        source.Properties.Add(new PSNoteProperty("RemoteAddress", text));
        source.Properties.Add(new PSNoteProperty("Server", text));
        Assert.Equal(expected, DisplayMembers.GetShortRemoteAddress(source));
        Assert.Equal(expected, DisplayMembers.GetShortServer(source));
    }

    [Fact]
    public void What_an_object_does_not_have_is_empty()
    {
        var nothing = new PSObject();
        Assert.Equal(string.Empty, DisplayMembers.GetMessage(nothing));
        Assert.Equal(string.Empty, DisplayMembers.GetStatus(nothing));
        Assert.Equal(string.Empty, DisplayMembers.GetSentAt(nothing));
        Assert.Equal(string.Empty, DisplayMembers.GetShortServer(nothing));
    }

    // An object from elsewhere may hold anything under any name.
    [Fact]
    public void Nothing_that_an_object_holds_is_shown_as_it_is()
    {
        foreach (var getter in typeof(DisplayMembers).GetMethods().Where(method => method.IsStatic))
        {
            var forged = new PSObject();
            forged.Properties.Add(new PSNoteProperty(getter.Name["Get".Length..].Replace("Short", string.Empty), Hostile));
            Assert.Equal(Visible, getter.Invoke(null, [forged]));
        }
    }

    private PSObject[] Settle()
    {
        _session["text"] = Hostile;
        return [.. _session.Run("""
            $job = Start-UdpListener -AsJob -Port 0 -AckScript { "re: $($_.Message)" }
            $sent = Send-UdpMessage 127.0.0.1 $job.LocalPort $text | Receive-UdpAck -PassThru -TimeoutSeconds 30
            $sent
            $sent.Ack
            Stop-Job $job
            Receive-Job $job
            """)];
    }

    // What a session gets that imports it from a file. The type's views and members are those of the session.
    private static PSObject CopyOf(PSObject value) => (PSObject)PSSerializer.Deserialize(PSSerializer.Serialize(value));
}
