using System.Collections.Generic;
using System.Text.RegularExpressions;

namespace UdpPS.Tests.Help;

/// <summary>
/// Reads an example: PS> begins a command, >> goes on with it, and what follows is its output. [1] and [2] before a prompt
/// are two sessions side by side. tests/Pester/Help.Tests.ps1 reads the same, and runs it.
/// </summary>
internal static partial class Transcript
{
    internal static bool IsPrompt(string line) => Prompt().IsMatch(line);

    internal static IReadOnlyList<Step> Read(IEnumerable<string> lines)
    {
        var steps = new List<Step>();
        foreach (string line in lines)
        {
            if (Prompt().Match(line) is { Success: true } prompt)
            {
                steps.Add(new Step(prompt.Groups["command"].Value, string.Empty));
            }
            else if (line.StartsWith(">> "))
            {
                steps[^1] = steps[^1] with { Command = steps[^1].Command + "\n" + line[3..] };
            }
            else
            {
                steps[^1] = steps[^1] with { Output = steps[^1].Output + line + "\n" };
            }
        }

        return steps;
    }

    [GeneratedRegex(@"^(\[\d\] )?PS> (?<command>.+)$")]
    private static partial Regex Prompt();
}
