using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace UdpPS.Shell;

/// <summary>Asks the user for what a command needs: missing parameters, a confirmation, a credential.</summary>
internal sealed class Questions(PSHostUserInterface userInterface)
{
    private const string Help = "?";

    internal Dictionary<string, PSObject> AskFields(string caption, string message, Collection<FieldDescription> fields)
    {
        WriteHeading(caption, message);
        return fields.ToDictionary(field => field.Name, field => PSObject.AsPSObject(AskField(field)));
    }

    internal int AskChoice(string caption, string message, Collection<ChoiceDescription> descriptions, int defaultIndex)
    {
        Choice[] choices = descriptions.Select(description => new Choice(description)).ToArray();
        string question = string.Join("  ", choices.Select(choice => $"[{choice.Key}] {choice.Name}"))
            + $"  [{Help}] Help"
            + (defaultIndex < 0 ? ": " : $" (default is \"{choices[defaultIndex].Key}\"): ");
        WriteHeading(caption, message);
        while (true)
        {
            string answer = AskLine(question).Trim();
            int index = answer.Length == 0 ? defaultIndex : Array.FindIndex(choices, choice => choice.IsMeantBy(answer));
            if (index >= 0)
            {
                return index;
            }

            if (answer == Help)
            {
                foreach (Choice choice in choices)
                {
                    userInterface.WriteLine($"{choice.Key} - {choice.HelpMessage}");
                }
            }
        }
    }

    internal PSCredential AskCredential(string caption, string message, string userName)
    {
        WriteHeading(caption, message);
        return new PSCredential(string.IsNullOrEmpty(userName) ? AskLine("User: ") : userName, AskSecret("Password: "));
    }

    private object AskField(FieldDescription field)
    {
        Type? type = Type.GetType(field.ParameterAssemblyFullName);
        if (type == typeof(SecureString))
        {
            return AskSecret($"{field.Name}: ");
        }

        if (type == typeof(PSCredential))
        {
            return AskCredential(string.Empty, field.Name, string.Empty);
        }

        // The engine converts text to the parameter's type itself.
        return type is { IsArray: true } ? AskList(field.Name) : AskLine($"{field.Name}: ");
    }

    private string[] AskList(string name)
    {
        var values = new List<string>();
        while (AskLine($"{name}[{values.Count}]: ") is { Length: > 0 } value)
        {
            values.Add(value);
        }

        return [.. values];
    }

    private SecureString AskSecret(string question)
    {
        userInterface.Write(question);
        return userInterface.ReadLineAsSecureString();
    }

    private string AskLine(string question)
    {
        userInterface.Write(question);
        if (userInterface.ReadLine() is { } answer)
        {
            return answer;
        }

        // Asking again would never end. This exception is one that the engine makes an error of.
        userInterface.WriteLine();
        throw new HostException("The input ended before the question was answered.");
    }

    private void WriteHeading(params string[] lines)
    {
        userInterface.WriteLine();
        foreach (string line in lines.Where(line => !string.IsNullOrEmpty(line)))
        {
            userInterface.WriteLine(line);
        }
    }
}
