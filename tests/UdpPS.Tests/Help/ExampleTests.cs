using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Help;

/// <summary>
/// The examples of the help do what it says, over loopback. Those with commands that the embedded engine lacks are run by
/// tests/Pester/Help.Tests.ps1 only.
/// </summary>
public sealed class ExampleTests
{
    private static readonly HashSet<string> AvailableCommands = FindAvailableCommands();

    public static TheoryData<string, string> Examples
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (Example example in Example.All)
            {
                data.Add(example.Topic, example.Title);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void An_example_does_what_the_help_says(string topic, string title)
    {
        Example example = Example.All.Single(example => example.Topic == topic && example.Title == title);
        SkipWhereImpossible(example);
        var here = new Loopback();
        using var run = new ExampleRun();

        IReadOnlyList<IReadOnlyList<object>> outputs =
            run.Run(example.Steps.Select(step => (step.Session, here.Move(step.Command), step.IsListening)));

        foreach ((Step step, IReadOnlyList<object> output) in example.Steps.Zip(outputs))
        {
            string shown = ShownText.Normalize(Loopback.MoveAddresses(step.Output));
            string actual = ShownText.Normalize(here.Return(ShownText.Of(output)));
            Assert.Equal($"{step.Command}: {shown}", $"{step.Command}: {actual}");
        }
    }

    [Fact]
    public void Most_examples_run_in_the_embedded_engine()
    {
        int runnable = Example.All.Count(example => MissingCommands(example).Count == 0 && !example.Steps.Any(step => step.Asks));
        Assert.InRange(runnable, Example.All.Count * 3 / 4, Example.All.Count);
    }

    private static void SkipWhereImpossible(Example example)
    {
        Assert.SkipWhen(example.Steps.Any(step => step.Asks), "It asks the user; tests/Pester runs it.");
        IReadOnlyList<string> missing = MissingCommands(example);
        Assert.SkipWhen(missing.Count > 0, $"The embedded engine lacks {string.Join(", ", missing)}; tests/Pester runs it.");

        bool isMulticast = example.Steps.Any(step => step.Command.Contains("-MulticastGroup"));
        Assert.SkipWhen(isMulticast && !HasLoopbackMulticast(), "Loopback has no multicast here.");
        bool isBroadcast = example.Steps.Any(step => step.Command.Contains("-Broadcast"));
        Assert.SkipWhen(isBroadcast && !OperatingSystem.IsLinux(), "Loopback has no broadcast here.");
    }

    private static IReadOnlyList<string> MissingCommands(Example example) => example.Steps
        .SelectMany(step => step.Commands)
        .Select(command => command.GetCommandName())
        .Distinct()
        .Where(name => !AvailableCommands.Contains(name))
        .ToList();

    private static HashSet<string> FindAvailableCommands()
    {
        using var session = new Session();
        return session.Run("(Get-Command -CommandType Cmdlet).Name").Select(name => name.ToString()).ToHashSet();
    }

    private static bool HasLoopbackMulticast()
    {
        var group = IPAddress.Parse("239.255.40.10");
        using var socket = new RawSocket(IPAddress.Any);
        try
        {
            socket.Socket.SetSocketOption(
                SocketOptionLevel.IP, SocketOptionName.AddMembership, new MulticastOption(group, IPAddress.Loopback));
            socket.Socket.SetSocketOption(
                SocketOptionLevel.IP, SocketOptionName.MulticastInterface, IPAddress.Loopback.GetAddressBytes());
            socket.Socket.SendTo([1], new IPEndPoint(group, socket.Port));
            return socket.Socket.Poll(1_000_000, SelectMode.SelectRead);
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
