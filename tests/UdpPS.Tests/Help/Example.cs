using System.Collections.Generic;
using System.Linq;

namespace UdpPS.Tests.Help;

/// <summary>An example of the help, or of about_UdpPS.</summary>
internal sealed record Example(string Topic, string Title, IReadOnlyList<Step> Steps, string Remarks)
{
    internal static IReadOnlyList<Example> All { get; } =
        CmdletHelp.All.SelectMany(help => help.Examples).Concat(InAbout()).ToList();

    // In about_UdpPS they are the blocks of lines that stand deeper than the text and begin with a prompt.
    private static IEnumerable<Example> InAbout()
    {
        var block = new List<string>();
        int number = 0;
        foreach (string line in CmdletHelp.About.Append("end"))
        {
            bool isText = line.Length > 0 && !line.StartsWith("      ");
            if (!isText && (block.Count > 0 || Transcript.IsPrompt(line.Trim())))
            {
                block.Add(line.Length > 6 ? line[6..] : string.Empty);
            }
            else if (block.Count > 0)
            {
                yield return new Example("about_UdpPS", $"Example {++number}", Transcript.Read(block), "-");
                block.Clear();
            }
        }
    }
}
