using System;
using System.Globalization;
using UdpPS.Sockets;

namespace UdpPS.Benchmarks.Roles;

/// <summary>What this program is when it starts itself: everything that is measured, or measures, has a process of its own.</summary>
internal static class RoleProgram
{
    internal const string Marker = "role";
    internal const string Generate = "generate";
    internal const string Drain = "drain";
    internal const string SocketLoop = "dotnet";
    internal const string Listen = "listen";
    internal const string ListenPortably = "listen-portable";
    internal const string Time = "time";
    internal const string Import = "import";

    internal static int Run(string role, ReadOnlySpan<string> arguments)
    {
        switch (role)
        {
            case Generate: GeneratingRole.Run(); break;
            case Drain: DrainingRole.Run(); break;
            case SocketLoop: SocketLoopRole.Run(); break;
            case Listen: ListeningRole.Run(arguments[0]); break;
            case ListenPortably:
                Environment.SetEnvironmentVariable(SocketBackend.Variable, SocketBackend.Portable);
                ListeningRole.Run(arguments[0]);
                break;
            case Time: TimingRole.Run(arguments[0], int.Parse(arguments[1], CultureInfo.InvariantCulture)); break;
            case Import: ImportingRole.Run(arguments[0]); break;
            default: throw new ArgumentException($"No such role: {role}");
        }

        return 0;
    }
}
