using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using UdpPS.Tests.Infrastructure;

namespace UdpPS.Tests.Help;

/// <summary>Runs the steps of an example in as many sessions as it has.</summary>
internal sealed class ExampleRun : IDisposable
{
    private readonly Dictionary<string, Session> _sessions = [];
    private readonly List<RunningStep> _running = [];

    /// <summary>Runs all steps. One that listens goes on while those of the other session run.</summary>
    /// <returns>What each put out, on any stream, in the order of the steps.</returns>
    internal IReadOnlyList<IReadOnlyList<object>> Run(IEnumerable<(string Session, string Command, bool IsListening)> steps)
    {
        foreach ((string name, string command, bool isListening) in steps)
        {
            _running.LastOrDefault(step => step.Session == name)?.WaitForEnd();
            _running.Add(new RunningStep(name, SessionOf(name), command));
            if (isListening)
            {
                _running[^1].WaitUntilUp();
            }
            else
            {
                _running[^1].WaitForEnd();
            }
        }

        return _running.Select(step => step.WaitForEnd()).ToList();
    }

    public void Dispose()
    {
        foreach (RunningStep step in _running)
        {
            step.Dispose();
        }

        foreach (Session session in _sessions.Values)
        {
            session.Dispose();
        }
    }

    private Session SessionOf(string name)
    {
        if (!_sessions.TryGetValue(name, out Session? session))
        {
            _sessions[name] = session = new Session();

            // A slow machine must not make an ack late; where silence is expected, the example gives a short time itself.
            session.Run($"$PSDefaultParameterValues['Receive-UdpAck:TimeoutSeconds'] = {Until.Deadline.TotalSeconds}");
        }

        return session;
    }

    private sealed class RunningStep : IDisposable
    {
        private readonly PowerShell _powerShell;
        private readonly PSDataCollection<PSObject> _output = [];
        private readonly IAsyncResult _run;
        private readonly string _command;
        private bool _hasEnded;

        internal RunningStep(string name, Session session, string command)
        {
            Session = name;
            _command = command;
            _powerShell = session.Create($". {{\n{command}\n}} *>&1");
            _run = _powerShell.BeginInvoke<PSObject, PSObject>(null, _output);
        }

        internal string Session { get; }

        internal void WaitUntilUp() => Until.True(() => _run.IsCompleted || _output.Count > 0, $"'{_command}' listens");

        internal IReadOnlyList<object> WaitForEnd()
        {
            Until.True(() => _run.IsCompleted, $"'{_command}' ends");
            if (!_hasEnded)
            {
                _hasEnded = true;
                _powerShell.EndInvoke(_run);
            }

            return _output.Select(value => value.BaseObject).ToList();
        }

        public void Dispose()
        {
            _powerShell.Stop();
            _powerShell.Dispose();
        }
    }
}
