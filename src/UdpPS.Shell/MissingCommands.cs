using System;
using System.Collections.Generic;
using System.IO;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace UdpPS.Shell;

/// <summary>Explains, when they are called, the commands that a full PowerShell has and the engine alone lacks.</summary>
internal static class MissingCommands
{
    private static readonly Lazy<Dictionary<string, string>> ModuleOfCommand = new(Load);

    internal static void Explain(Runspace runspace) =>
        runspace.SessionStateProxy.InvokeCommand.CommandNotFoundAction = (_, lookup) =>
        {
            // The engine ignores what this handler throws: only a command that fails can say why.
            if (FindModule(lookup.CommandName) is not null)
            {
                lookup.Command = new CmdletInfo(lookup.CommandName, typeof(MissingCommand));
            }
        };

    /// <returns>The name of the module, or <see langword="null"/> when no module of PowerShell's has such a command.</returns>
    internal static string? FindModule(string command) => ModuleOfCommand.Value.GetValueOrDefault(command);

    // One module a line: its name, a colon, the names of its commands.
    private static Dictionary<string, string> Load()
    {
        using Stream stream = typeof(MissingCommands).Assembly.GetManifestResourceStream("MissingCommands.txt")!;
        using var reader = new StreamReader(stream);
        var modules = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (reader.ReadLine() is { } line)
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            foreach (string command in line[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                modules.Add(command, line[..colon]);
            }
        }

        return modules;
    }
}
