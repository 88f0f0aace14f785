using System;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using UdpPS.Tests.Infrastructure;
using UdpPS.Tests.Peers;
using Xunit;

namespace UdpPS.Tests.Faults;

/// <summary>A listener's process that dies with no chance to say goodbye, and is started again.</summary>
public sealed class KilledListenerTests : IDisposable
{
    // The first listener dies with this message in its hands, neither written nor acknowledged.
    private const int LastOfFirst = 300;
    private const int AcksOfSecond = 300;

    private readonly Session _session = new();
    private readonly string _file = Path.GetTempFileName();
    private readonly int _port = LastingPort.Find();

    public void Dispose()
    {
        _session.Dispose();
        File.Delete(_file);
    }

    [Fact]
    public void Retries_carry_on_with_the_next_listener_and_nothing_acked_is_missing_from_what_either_wrote()
    {
        // The stream goes on until the test has seen enough of it, on a machine of any speed.
        using var enough = new ManualResetEventSlim();
        _session["enough"] = enough;
        _session["port"] = _port;
        var settled = new PSDataCollection<PSObject>();
        using PowerShell sender = _session.Create("""
            & { for ($i = 1; -not $enough.IsSet; $i++) { "message $i" } } | Send-UdpMessage 127.0.0.1 $port |
                Receive-UdpAck -PassThru -TimeoutSeconds 0.2 -MaximumRetryCount 9 -ThrottleLimit 16
            """);
        IAsyncResult run;
        using (PeerProcess first = StartListener(
            $"if ($_.Message -eq 'message {LastOfFirst}') {{ [Console]::WriteLine('held'); [Console]::In.ReadLine() }}"))
        {
            run = sender.BeginInvoke<PSObject, PSObject>(null, settled);
            while (first.ReadLine() != "held")
            {
                // It tells first that only this machine can reach it.
            }

            first.Kill();
        }

        int beforeTheKill = settled.Count;
        using PeerProcess second = StartListener();
        Until.True(() => settled.Count >= beforeTheKill + AcksOfSecond || run.IsCompleted, "the second listener answers");
        enough.Set();
        Until.True(() => run.IsCompleted, "the sender has its last acks");
        sender.EndInvoke(run);
        Assert.Empty(sender.Streams.Error);

        var sent = settled.Select(value => (UdpSentMessage)value.BaseObject).ToList();
        Assert.All(sent, message => Assert.Equal(UdpSendStatus.Acknowledged, message.Status));
        Assert.True(sent.Single(message => message.Message == $"message {LastOfFirst}").Attempts > 1, "it was sent again");
        var written = File.ReadLines(_file).ToHashSet();
        Assert.All(sent, message => Assert.Contains(message.Message, written));
    }

    private PeerProcess StartListener(string beforeWriting = "")
    {
        PeerProcess listener = Udpps.Start($$"""
            $file = '{{_file.Replace("'", "''", StringComparison.Ordinal)}}'
            Start-UdpListener -Port {{_port}} | ForEach-Object {
                {{beforeWriting}}
                [IO.File]::AppendAllText($file, "$($_.Message)`n")
            }
            """);
        Assert.Equal($"UDP listener up on 127.0.0.1:{_port}", listener.ReadLine());
        return listener;
    }
}
