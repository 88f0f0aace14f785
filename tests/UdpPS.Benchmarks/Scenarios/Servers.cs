using System;
using System.Collections.Generic;
using System.Linq;
using UdpPS.Benchmarks.Processes;
using UdpPS.Benchmarks.Roles;

namespace UdpPS.Benchmarks.Scenarios;

/// <summary>The servers that are measured against each other, all of them running.</summary>
internal sealed class Servers : IDisposable
{
    internal const string CBatches = "C recvmmsg/sendmmsg loop";
    internal const string CLoop = "C recvfrom/sendto loop";
    internal const string SocketLoop = ".NET Socket loop, no objects";
    internal const string UdpClient = "UdpClient loop in a script";
    internal const string Python = "Python tutorial server, output to /dev/null";
    internal const string Listener = "Start-UdpListener | Out-Null";
    internal const string ListenerForEach = "Start-UdpListener | ForEach-Object { $_.Message }";
    internal const string Portable = ", portable sockets";

    private readonly List<Server> _running = [];

    private Servers()
    {
    }

    internal IReadOnlyList<Server> Running => _running;

    internal static Servers StartAll(Programs programs)
    {
        var servers = new Servers();
        try
        {
            servers.StartPeers(programs);
            servers.StartListeners();
            return servers;
        }
        catch
        {
            servers.Dispose();
            throw;
        }
    }

    internal static Server Start(string name, string script) =>
        new(name, PeerProcess.StartRole(RoleProgram.Listen, script));

    /// <summary>The fastest plain server there is here, for measuring senders.</summary>
    internal static Server StartPlain(Programs programs) => programs.CLoop is { } loop
        ? new Server(CLoop, PeerProcess.Start(loop))
        : new Server(SocketLoop, PeerProcess.StartRole(RoleProgram.SocketLoop));

    /// <inheritdoc/>
    public void Dispose() => _running.ForEach(server => server.Dispose());

    private void StartPeers(Programs programs)
    {
        if (programs.CBatches is { } batches)
        {
            _running.Add(new Server(CBatches, PeerProcess.Start(batches)));
        }

        if (programs.CLoop is { } loop)
        {
            _running.Add(new Server(CLoop, PeerProcess.Start(loop)));
        }

        _running.Add(new Server(SocketLoop, PeerProcess.StartRole(RoleProgram.SocketLoop)));
        _running.Add(Start(UdpClient, Scripts.UdpClientServer));
        if (programs.Python is { } python)
        {
            _running.Add(new Server(Python, PeerProcess.Start(python, Programs.PathOf("server.py"))));
        }
    }

    private void StartListeners()
    {
        (string Name, string Script)[] listeners =
        [
            (Listener, Scripts.Listener),
            (ListenerForEach, Scripts.ListenerForEach),
        ];
        foreach ((string name, string script) in listeners)
        {
            _running.Add(Start(name, script));
        }

        // Where there is no batch path, the ones above are these.
        if (OperatingSystem.IsLinux())
        {
            _running.AddRange(listeners.Select(listener =>
                new Server(listener.Name + Portable, PeerProcess.StartRole(RoleProgram.ListenPortably, listener.Script))));
        }
    }
}
