using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace UdpPS.Shell;

/// <summary>What the user asked for, in the syntax of pwsh.</summary>
/// <param name="Mode">What to do.</param>
/// <param name="Text">The command, the full path of the script, or what is wrong with the command line.</param>
/// <param name="ScriptArguments">What follows the script's path.</param>
internal sealed record CommandLine(CommandLineMode Mode, string Text, IReadOnlyList<string> ScriptArguments)
{
    /// <summary>The command that stands for the text on standard input.</summary>
    internal const string StandardInput = "-";

    private static readonly CommandLineMode[] Options =
        [CommandLineMode.Command, CommandLineMode.File, CommandLineMode.Help, CommandLineMode.Version];

    internal static CommandLine Parse(IReadOnlyList<string> arguments)
    {
        if (arguments.Count == 0)
        {
            return Of(CommandLineMode.Interactive);
        }

        string first = arguments[0];
        if (!first.StartsWith('-'))
        {
            return ParseFile(arguments);
        }

        string[] rest = arguments.Skip(1).ToArray();
        return FindOption(first.TrimStart('-')) switch
        {
            CommandLineMode.Command when rest.Length == 0 => Invalid($"A command must follow {first}."),
            CommandLineMode.Command => Of(CommandLineMode.Command, string.Join(' ', rest)),
            CommandLineMode.File when rest.Length == 0 => Invalid($"The path of a script must follow {first}."),
            CommandLineMode.File => ParseFile(rest),
            CommandLineMode.Invalid => Invalid($"There is no option '{first}'."),
            var mode => Of(mode),
        };
    }

    // pwsh takes any abbreviation; here the first letter already tells the options apart.
    private static CommandLineMode FindOption(string name) => name switch
    {
        "" => CommandLineMode.Invalid,
        "?" => CommandLineMode.Help,
        _ => Options.FirstOrDefault(option => option.ToString().StartsWith(name, StringComparison.OrdinalIgnoreCase)),
    };

    private static CommandLine ParseFile(IReadOnlyList<string> arguments)
    {
        string path = arguments[0];
        if (!File.Exists(path))
        {
            return Invalid($"There is no script file '{path}'.");
        }

        return path.EndsWith(".ps1", StringComparison.OrdinalIgnoreCase)
            ? new CommandLine(CommandLineMode.File, Path.GetFullPath(path), [.. arguments.Skip(1)])
            : Invalid($"A script's file name ends in .ps1, unlike '{path}'.");
    }

    private static CommandLine Invalid(string problem) => Of(CommandLineMode.Invalid, problem);

    private static CommandLine Of(CommandLineMode mode, string text = "") => new(mode, text, []);
}
