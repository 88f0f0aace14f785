using System;
using System.Collections.Generic;
using System.Management.Automation.Host;

namespace UdpPS.Commands;

/// <summary>Asks for messages, line by line.</summary>
internal static class MessagePrompt
{
    private const string Prompt = "Enter message to send to server (type 'exit' to quit): ";
    private const string ExitWord = "exit";

    /// <summary>The lines that are entered, until exit or the end of input. Each is asked for when it is taken.</summary>
    internal static IEnumerable<string> ReadLines(PSHostUserInterface host)
    {
        while (true)
        {
            host.Write(Prompt);
            string? line = host.ReadLine();
            if (line is null || string.Equals(line, ExitWord, StringComparison.OrdinalIgnoreCase))
            {
                yield break;
            }

            yield return line;
        }
    }
}
