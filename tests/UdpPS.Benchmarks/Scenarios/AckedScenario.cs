using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using UdpPS.Benchmarks.Processes;
using UdpPS.Benchmarks.Reporting;

namespace UdpPS.Benchmarks.Scenarios;

/// <summary>How many messages a second are sent and known to have arrived. The server is the same for all.</summary>
internal static class AckedScenario
{
    internal const string Name = "acked";

    private const int WarmUpMessages = 5_000;

    private const string PythonClient = "Python tutorial client, no prompt, no print";
    private const string PythonFresh = "the same with a connected socket for each message";
    private const string UdpClient = "UdpClient, send and receive in a script";
    private const string OneByOne = "Send-UdpMessage | Receive-UdpAck";
    private const string Together = "Send-UdpMessage | Receive-UdpAck -ThrottleLimit 64";

    private const string FromFreshPorts = "Send-UdpMessage | Receive-UdpAck, acked by Start-UdpListener";
    private const string FromOnePort = "the same with -LocalPort, so that all come from one port";

    internal static void Run(Bench bench)
    {
        using Server server = Servers.StartPlain(bench.Programs);
        using Server listener = Servers.Start(Servers.Listener, Scripts.Listener);
        List<Timed> senders = [];
        try
        {
            if (bench.Programs.Python is { } python)
            {
                string port = server.Port.ToString(CultureInfo.InvariantCulture);
                senders.Add(new Timed(PythonClient, PeerProcess.Start(python, Programs.PathOf("client.py"), port)));
                senders.Add(new Timed(PythonFresh, PeerProcess.Start(python, Programs.PathOf("client.py"), port, "fresh")));
            }

            senders.Add(Timed.Script(UdpClient, Scripts.UdpClientAcked, server.Port));
            senders.Add(Timed.Script(OneByOne, Scripts.AckedOneByOne, server.Port));
            senders.Add(Timed.Script(Together, Scripts.AckedTogether, server.Port));
            senders.Add(Timed.Script(FromFreshPorts, Scripts.AckedOneByOne, listener.Port));
            senders.Add(Timed.Script(FromOnePort, Scripts.AckedFromOnePort, listener.Port));

            Bench.Progress("acked: warming up");
            Contender[] contenders = senders.Select(sender => sender.Warm(bench.Options, WarmUpMessages)).ToArray();
            Print(bench, server.Name, Rounds.Measure("acked", bench.Options.Rounds, contenders));
        }
        finally
        {
            senders.ForEach(sender => sender.Dispose());
        }
    }

    private static void Print(Bench bench, string server, Dictionary<string, Sample[]> measured)
    {
        Sample? python = measured.TryGetValue(PythonClient, out Sample[]? numbers) ? numbers[0] : null;
        Sample oneByOne = measured[OneByOne][0];
        var table = new Table("sender, each message acked", "messages/s", "against the Python client", "against one by one");
        foreach ((string name, Sample[] sample) in measured)
        {
            table.Add(
                name,
                sample[0].Show("N0"),
                python is null ? "" : sample[0].Against(python).Show("0.00"),
                sample[0].Against(oneByOne).Show("0.00"));
        }

        table.Print($"Sending, acked by the {server}");
        Sample? fresh = measured.TryGetValue(PythonFresh, out numbers) ? numbers[0] : null;
        bench.Chart.Add(
            "Send-UdpMessage | Receive-UdpAck, one by one",
            "the tutorial's Python client, with a socket for each message",
            fresh is null ? null : oneByOne.Against(fresh));
        bench.Targets.AtLeast(
            "Send-UdpMessage | Receive-UdpAck, one by one, against the Python client with a socket for each message",
            fresh is null ? null : oneByOne.Against(fresh),
            1);
        bench.Targets.AtLeast(
            "the same with -ThrottleLimit 64, against the Python client on one socket, one by one",
            python is null ? null : measured[Together][0].Against(python),
            1);
        bench.Targets.AtLeast(
            "one by one against the Python client on one socket, which guesses", python is null ? null : oneByOne.Against(python), 0.7);
    }
}
