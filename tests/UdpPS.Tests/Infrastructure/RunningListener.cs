using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using Xunit;

namespace UdpPS.Tests.Infrastructure;

/// <summary>A script with a foreground Start-UdpListener in it, running while the test goes on.</summary>
internal sealed class RunningListener : IDisposable
{
    private readonly PowerShell _powerShell;
    private readonly IAsyncResult _run;

    /// <param name="session">Busy until the script ends.</param>
    /// <param name="script">Its listener must be on port 0, or any, and show its start.</param>
    internal RunningListener(Session session, string script)
    {
        _powerShell = session.Create(script);
        _run = _powerShell.BeginInvoke<PSObject, PSObject>(null, Output);
        Until.True(() => _run.IsCompleted || _powerShell.Streams.Information.Count > 0, "the listener is up");
        string up = _powerShell.Streams.Information.FirstOrDefault()?.ToString() ?? string.Empty;
        Assert.StartsWith("UDP listener up on ", up);
        Port = int.Parse(up[(up.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture);
    }

    internal int Port { get; }

    internal PSDataCollection<PSObject> Output { get; } = new();

    internal PSDataStreams Streams => _powerShell.Streams;

    internal IEnumerable<UdpMessage> Messages => Output.Select(value => value.BaseObject).OfType<UdpMessage>();

    /// <summary>Waits for the script to end by itself.</summary>
    /// <returns>The exception that ended it, if one did.</returns>
    internal Exception? WaitForEnd()
    {
        Until.True(() => _run.IsCompleted, "the listener's script ends");
        return Record.Exception(() => { _powerShell.EndInvoke(_run); });
    }

    /// <summary>What Ctrl+C does.</summary>
    internal void Stop() => _powerShell.Stop();

    public void Dispose()
    {
        _powerShell.Stop();
        _powerShell.Dispose();
    }
}
