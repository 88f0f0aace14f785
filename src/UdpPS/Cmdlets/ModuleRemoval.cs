using System.ComponentModel;
using System.Linq;
using System.Management.Automation;

namespace UdpPS.Commands;

/// <summary>What PowerShell runs when a session removes the module, and when it imports it anew with -Force.</summary>
/// <remarks>
/// Public only because PowerShell looks for it and calls it; not for use by programs. Sessions of one process share this assembly,
/// so the jobs are those that the session itself knows. Another session that removes its own module does not end them, and neither
/// does one that closes: PowerShell runs nothing here then.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class ModuleRemoval : IModuleAssemblyCleanup
{
    /// <summary>Ends the listener jobs of the session, and frees their ports. What has come waits on for Receive-Job.</summary>
    /// <param name="psModuleInfo">The module.</param>
    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        using PowerShell powerShell = PowerShell.Create(RunspaceMode.CurrentRunspace);
        powerShell.AddCommand(@"Microsoft.PowerShell.Core\Get-Job");
        foreach (UdpListenerJob job in powerShell.Invoke().Select(job => job.BaseObject).OfType<UdpListenerJob>())
        {
            job.StopJob();
        }
    }
}
