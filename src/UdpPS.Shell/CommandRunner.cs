using System;
using System.Collections.Generic;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using System.Reflection;
using System.Threading;
using System.Threading.Tasks;

namespace UdpPS.Shell;

/// <summary>Runs one command at a time, shows what it outputs as a console does, and stops it when that is asked for.</summary>
internal sealed class CommandRunner(Runspace runspace, ShellHost host, StandardInput input, Interruption interruption)
{
    /// <summary>The automatic variable <c>$?</c>.</summary>
    internal bool LastStatementSucceeded => runspace.SessionStateProxy.GetVariable("?") is true;

    /// <returns>Whether no error ended it.</returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    internal bool RunText(string text, bool feedInput)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return true;
        }

        // Only what is part of the history sets $?.
        using Pipeline pipeline = runspace.CreatePipeline(text, addToHistory: true);
        return Run(pipeline, feedInput && InputFeed.IsWantedBy(Parser.ParseInput(text, out _, out _)));
    }

    /// <inheritdoc cref="RunText"/>
    internal bool RunFile(string path, IEnumerable<string> arguments)
    {
        using Pipeline pipeline = runspace.CreatePipeline();
        var script = new Command(path, isScript: false, useLocalScope: false);
        foreach (CommandParameter parameter in ScriptArguments.ToParameters(arguments))
        {
            script.Parameters.Add(parameter);
        }

        pipeline.Commands.Add(script);
        LetExitOfScriptReachHost();
        return Run(pipeline, InputFeed.IsWantedBy(Parser.ParseFile(path, out _, out _)));
    }

    /// <returns>What the text outputs, or nothing when an error ended it.</returns>
    internal IReadOnlyList<PSObject> Evaluate(string text)
    {
        using Pipeline pipeline = runspace.CreatePipeline(text, addToHistory: false);
        Execute(pipeline, feedInput: false);
        return pipeline.Output.NonBlockingRead();
    }

    private bool Run(Pipeline pipeline, bool feedInput)
    {
        // One way for both, so that errors come where they happened.
        pipeline.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
        pipeline.Commands.Add(new Command("Out-Default", isScript: false, useLocalScope: true));
        Execute(pipeline, feedInput);
        if (pipeline.PipelineStateInfo is not { State: PipelineState.Failed, Reason: { } reason })
        {
            return true;
        }

        Report(reason);
        return false;
    }

    private void Execute(Pipeline pipeline, bool feedInput)
    {
        CancellationToken cancellation = interruption.Token;
        cancellation.ThrowIfCancellationRequested();
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        pipeline.StateChanged += (_, change) =>
        {
            if (change.PipelineStateInfo.State is PipelineState.Completed or PipelineState.Failed or PipelineState.Stopped)
            {
                ended.TrySetResult();
            }
        };
        if (feedInput)
        {
            InputFeed.Start(input, pipeline.Input, cancellation);
        }
        else
        {
            pipeline.Input.Close();
        }

        pipeline.InvokeAsync();
        using (cancellation.Register(pipeline.StopAsync))
        {
            ended.Task.Wait(CancellationToken.None);
        }

        cancellation.ThrowIfCancellationRequested();
    }

    private void Report(Exception reason)
    {
        // The engine's views show nothing at all for text that stops too early.
        if (reason is IncompleteParseException)
        {
            host.UI.WriteErrorLine($"ParserError: {reason.Message}");
            return;
        }

        ErrorRecord record = (reason as IContainsErrorRecord)?.ErrorRecord
            ?? new ErrorRecord(reason, "CommandFailed", ErrorCategory.NotSpecified, null);
        using Pipeline pipeline = runspace.CreatePipeline();
        pipeline.Commands.Add("Out-Default");
        pipeline.Input.Write(record);
        try
        {
            host.UI.WriteAsError(() => pipeline.Invoke());
        }
        catch (RuntimeException)
        {
            // Views and Out-Default can be replaced, by ones that fail.
            host.UI.WriteErrorLine(reason.Message);
        }
    }

    // Exit in a script file ends that file only. The engine has a switch for the file that the process was started for, which
    // pwsh sets and which is not public; the package's version is fixed, and tests tell when another one moves the switch.
    private void LetExitOfScriptReachHost()
    {
        const BindingFlags NotPublic = BindingFlags.Instance | BindingFlags.NonPublic;
        object context = typeof(Runspace).GetProperty("ExecutionContext", NotPublic)!.GetValue(runspace)!;
        context.GetType().GetProperty("ScriptCommandProcessorShouldRethrowExit", NotPublic)!.SetValue(context, true);
    }
}
