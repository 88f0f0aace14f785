using System.Management.Automation;

namespace UdpPS.Shell;

/// <summary>Stands for a command that is not here: takes whatever it is given, and fails before its pipeline flows.</summary>
[Cmdlet(VerbsOther.Use, "FullPowerShell")]
internal sealed class MissingCommand : PSCmdlet
{
    [Parameter(ValueFromPipeline = true)]
    public object? InputObject { get; set; }

    [Parameter(ValueFromRemainingArguments = true)]
    public object[]? RemainingArguments { get; set; }

    protected override void BeginProcessing()
    {
        string name = MyInvocation.MyCommand.Name;
        var exception = new CommandNotFoundException(
            $"The command '{name}' is in the module {MissingCommands.FindModule(name)} of a full PowerShell installation, which "
            + "the shell udpps does not have. Install PowerShell from https://aka.ms/powershell and import UdpPS there.")
        {
            CommandName = name,
        };
        ThrowTerminatingError(new ErrorRecord(exception, nameof(CommandNotFoundException), ErrorCategory.ObjectNotFound, name));
    }
}
