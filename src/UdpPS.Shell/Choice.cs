using System;
using System.Management.Automation.Host;

namespace UdpPS.Shell;

/// <summary>An answer that can be given by its key, which an ampersand marks in the label, or by its name.</summary>
internal sealed class Choice
{
    internal Choice(ChoiceDescription description)
    {
        int marker = description.Label.IndexOf('&', StringComparison.Ordinal);
        Name = marker < 0 ? description.Label : description.Label.Remove(marker, 1);
        Key = marker < 0 || marker == Name.Length ? Name : Name.Substring(marker, 1).ToUpperInvariant();
        HelpMessage = description.HelpMessage;
    }

    internal string Key { get; }

    internal string Name { get; }

    internal string HelpMessage { get; }

    internal bool IsMeantBy(string answer) =>
        answer.Equals(Key, StringComparison.OrdinalIgnoreCase) || answer.Equals(Name, StringComparison.OrdinalIgnoreCase);
}
