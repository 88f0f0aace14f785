using System;
using System.Linq;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Peers;

/// <summary>A program that sends everything back, and can neither pick a free port nor tell when it is ready.</summary>
internal sealed class EchoServer : IDisposable
{
    private const int MaximumStarts = 3;

    private readonly PeerProcess _process;

    private EchoServer(PeerProcess process, int port)
    {
        _process = process;
        Port = port;
    }

    internal int Port { get; }

    /// <summary>Starts the program, and waits until it answers.</summary>
    /// <param name="session">Where to ask it from.</param>
    /// <param name="program">Its name.</param>
    /// <param name="arguments">Its arguments, for the port to listen on.</param>
    internal static EchoServer Start(Session session, string program, Func<int, string[]> arguments)
    {
        string complaints = string.Empty;
        for (int start = 0; start < MaximumStarts; start++)
        {
            int port = Ports.Free();
            var server = new EchoServer(PeerProcess.Start(program, arguments(port)), port);
            try
            {
                Until.True(() => server._process.HasExited || server.IsUp(session), $"{program} answers on port {port}");
            }
            catch
            {
                server.Dispose();
                throw;
            }

            if (!server._process.HasExited)
            {
                return server;
            }

            // Somebody else may have taken the port meanwhile.
            complaints = server._process.Complaints();
            server.Dispose();
        }

        Assert.Fail($"{program} ended {MaximumStarts} times: {complaints}");
        return null;
    }

    public void Dispose() => _process.Dispose();

    private bool IsUp(Session session)
    {
        session["port"] = Port;
        return session.Run<bool>("""
            Send-UdpMessage -Server 127.0.0.1 -Port $port -Message 'are you up?' | Receive-UdpAck -TimeoutSeconds 0.2 -Quiet
            """).Single();
    }
}
