using System;
using System.Collections.Generic;
using System.Reflection;
using System.Threading;
using System.Threading.Tasks;
using Xunit.Sdk;
using Xunit.v3;

namespace UdpPS.Tests.Infrastructure;

/// <summary>
/// Gives each test a time limit, which ends the process with the test's name: nothing else ends a thread that hangs, and a limit of
/// xunit's own is for asynchronous tests only.
/// </summary>
public sealed class TimeLimitedFramework : XunitTestFramework
{
    /// <summary>Met only when something is broken, however slow the machine is.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    protected override ITestFrameworkExecutor CreateExecutor(Assembly assembly) => new Executor(new XunitTestAssembly(assembly, configFilePath: null, assemblyName: null));

    private sealed class Executor(IXunitTestAssembly assembly) : XunitTestFrameworkExecutor(assembly)
    {
        public override async ValueTask RunTestCases(
            IReadOnlyCollection<IXunitTestCase> testCases,
            IMessageSink executionMessageSink,
            ITestFrameworkExecutionOptions executionOptions,
            CancellationToken cancellationToken)
        {
            using var watch = new Watch(executionMessageSink);
            await base.RunTestCases(testCases, watch, executionOptions, cancellationToken);
        }
    }

    // Tests run one at a time.
    private sealed class Watch : IMessageSink, IDisposable
    {
        private readonly IMessageSink _next;
        private readonly Timer _timer;
        private string _test = string.Empty;

        internal Watch(IMessageSink next)
        {
            _next = next;
            _timer = new Timer(_ => End());
        }

        public bool OnMessage(IMessageSinkMessage message)
        {
            if (message is ITestStarting { TestDisplayName: var name })
            {
                _test = name;
                _timer.Change(Limit, Timeout.InfiniteTimeSpan);
            }
            else if (message is ITestFinished)
            {
                _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }

            return _next.OnMessage(message);
        }

        public void Dispose() => _timer.Dispose();

        // In the words of a failed test, which readers of logs look for.
        private void End() =>
            Environment.FailFast($"failed {_test}: it was not done within {Limit.TotalMinutes} minutes, and ended the run.");
    }
}
