using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation.Language;

namespace UdpPS.Tests.Help;

/// <summary>A command of an example, the session it is typed in, and the output that the help shows for it.</summary>
internal sealed record Step(string Session, string Command, string Output)
{
    /// <summary>Every command in it, those in script blocks too.</summary>
    internal IReadOnlyList<CommandAst> Commands =>
        Parser.ParseInput(Command, out _, out _).FindAll(ast => ast is CommandAst, searchNestedScriptBlocks: true)
            .Cast<CommandAst>().ToList();

    /// <summary>Whether it runs until messages have come from another session.</summary>
    internal bool IsListening => Commands.Any(command =>
        command.GetCommandName() == "Start-UdpListener" && !ParametersOf(command).Contains("AsJob", StringComparer.OrdinalIgnoreCase));

    internal bool Asks => Commands.Any(command => ParametersOf(command).Contains("Interactive", StringComparer.OrdinalIgnoreCase));

    internal static IEnumerable<string> ParametersOf(CommandAst command) =>
        command.CommandElements.OfType<CommandParameterAst>().Select(parameter => parameter.ParameterName);
}
