using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using UdpPS.Benchmarks.Processes;
using UdpPS.Benchmarks.Reporting;
using UdpPS.Benchmarks.Roles;

namespace UdpPS.Benchmarks.Scenarios;

/// <summary>How many messages a second leave, when nobody waits for an ack. Another process reads and discards them.</summary>
internal static class SendScenario
{
    internal const string Name = "send";

    private const string CSend = "C send loop";
    private const string UdpClientLoop = "UdpClient, foreach loop in a script";
    private const string UdpClientPipeline = "$messages | ForEach-Object { UdpClient.Send }";
    private const string Pipeline = "$messages | Send-UdpMessage -NoAck";
    private const string Array = "Send-UdpMessage -NoAck -Message $messages";
    private const string Unclaimed = "$messages | Send-UdpMessage | Out-Null";

    internal static void Run(Bench bench)
    {
        using var drain = new Server("drain", PeerProcess.StartRole(RoleProgram.Drain));
        List<Timed> senders = [];
        try
        {
            if (bench.Programs.CSend is { } send)
            {
                senders.Add(new Timed(CSend, PeerProcess.Start(send, drain.Port.ToString(CultureInfo.InvariantCulture))));
            }

            senders.Add(Timed.Script(UdpClientLoop, Scripts.UdpClientSendLoop, drain.Port));
            senders.Add(Timed.Script(UdpClientPipeline, Scripts.UdpClientSendPipeline, drain.Port));
            senders.Add(Timed.Script(Pipeline, Scripts.SendPipeline, drain.Port));
            senders.Add(Timed.Script(Array, Scripts.SendArray, drain.Port));
            senders.Add(Timed.Script(Unclaimed, Scripts.SendUnclaimed, drain.Port));

            Bench.Progress("send: warming up");
            Contender[] contenders = senders.Select(sender => sender.Warm(bench.Options, bench.Options.WarmUpMessages)).ToArray();
            Print(bench, Rounds.Measure("send", bench.Options.Rounds, contenders));
        }
        finally
        {
            senders.ForEach(sender => sender.Dispose());
        }
    }

    private static void Print(Bench bench, Dictionary<string, Sample[]> measured)
    {
        Sample? loop = measured.TryGetValue(CSend, out Sample[]? numbers) ? numbers[0] : null;
        Sample client = measured[UdpClientPipeline][0];
        var table = new Table("sender, no acks", "messages/s", "against the C loop", "against the UdpClient pipeline");
        foreach ((string name, Sample[] sample) in measured)
        {
            table.Add(
                name,
                sample[0].Show("N0"),
                loop is null ? "" : sample[0].Against(loop).Show("0.00"),
                sample[0].Against(client).Show("0.00"));
        }

        table.Print("Sending only");
        bench.Chart.Add(
            "Send-UdpMessage -NoAck, messages per second", "UdpClient.Send in a ForEach-Object pipeline", measured[Pipeline][0].Against(client));
        bench.Targets.AtLeast(
            "Sending only, from the pipeline with -NoAck, against the UdpClient ForEach-Object pipeline",
            measured[Pipeline][0].Against(client),
            3);
        bench.Targets.AtLeast(
            "Sending only, from an array with -NoAck, against the C send loop",
            loop is null ? null : measured[Array][0].Against(loop),
            1.3);
    }
}
