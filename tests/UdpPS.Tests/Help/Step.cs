using System.Collections.Generic;
using System.Linq;
using System.Management.Automation.Language;

namespace UdpPS.Tests.Help;

/// <summary>A command of an example, and the output that the help shows for it.</summary>
internal sealed record Step(string Command, string Output)
{
    /// <summary>Every command in it, those in script blocks too.</summary>
    internal IReadOnlyList<CommandAst> Commands =>
        Parser.ParseInput(Command, out _, out _).FindAll(ast => ast is CommandAst, searchNestedScriptBlocks: true)
            .Cast<CommandAst>().ToList();

    internal static IEnumerable<string> ParametersOf(CommandAst command) =>
        command.CommandElements.OfType<CommandParameterAst>().Select(parameter => parameter.ParameterName);
}
