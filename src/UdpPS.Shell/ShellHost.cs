using System;
using System.Globalization;
using System.Management.Automation.Host;

namespace UdpPS.Shell;

/// <summary>What the engine sees of this program.</summary>
internal sealed class ShellHost(StandardInput input, Interruption interruption) : PSHost
{
    private readonly ShellUserInterface _userInterface = new(input, interruption);

    internal static Version ProductVersion { get; } = new(typeof(ShellHost).Assembly.GetName().Version!.ToString(fieldCount: 3));

    /// <summary>The N of <c>exit N</c>, once that has run.</summary>
    internal int? ExitCode { get; private set; }

    public override string Name => "udpps";

    public override Version Version => ProductVersion;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override CultureInfo CurrentCulture { get; } = CultureInfo.CurrentCulture;

    public override CultureInfo CurrentUICulture { get; } = CultureInfo.CurrentUICulture;

    public override ShellUserInterface UI => _userInterface;

    public override void SetShouldExit(int exitCode) => ExitCode = exitCode;

    public override void EnterNestedPrompt() => throw new NotSupportedException("udpps has no nested prompts.");

    public override void ExitNestedPrompt() => throw new NotSupportedException("udpps has no nested prompts.");

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }
}
