using System;
using System.Management.Automation;
using System.Runtime.ExceptionServices;
using UdpPS.Commands;
using UdpPS.Display;
using Xunit;

namespace UdpPS.Tests.Cmdlets;

/// <summary>What is read from the engine by reflection: where it is there, and where it is not.</summary>
public sealed class EngineInternalsTests
{
    [Fact]
    public void The_style_is_found_in_this_engine()
    {
        Assert.NotNull(EngineInternals.FindStyleProperty(typeof(PSObject).Assembly));
        Assert.NotNull(EngineInternals.Style);
    }

    [Fact]
    public void An_engine_without_styles_has_none() => Assert.Null(EngineInternals.FindStyleProperty(typeof(string).Assembly));

    [Theory]
    [InlineData("Ansi", "<green>text<reset>")]
    [InlineData("PlainText", "text")]
    public void Text_is_colored_by_the_style(string rendering, string expected) =>
        Assert.Equal(expected, OutputStyle.Color("text", "Green", new FakeStyle { OutputRendering = rendering }));

    [Fact]
    public void Without_a_style_text_is_as_it_is() => Assert.Equal("text", OutputStyle.Color("text", "Green", null));

    [Fact]
    public void With_a_style_that_lacks_its_parts_text_is_as_it_is() => Assert.Equal("text", OutputStyle.Color("text", "Green", new object()));

    [Fact]
    public void A_stop_that_flow_control_caused_is_on_purpose_by_either_name_of_the_note()
    {
        Assert.True(IsDeliberate(new Runtime(new NoteOfPowerShell7(new TerminateException()))));
        Assert.True(IsDeliberate(new Runtime(new NoteOfPowerShell7(ExceptionDispatchInfo.Capture(new TerminateException())))));
        Assert.True(IsDeliberate(new Runtime(new NoteOfWindowsPowerShell(new TerminateException()))));
    }

    [Fact]
    public void A_stop_that_a_failure_caused_is_not_on_purpose() =>
        Assert.False(IsDeliberate(new Runtime(new NoteOfPowerShell7(new InvalidOperationException()))));

    [Fact]
    public void An_end_whose_cause_the_engine_does_not_note_counts_as_a_failure()
    {
        Assert.False(IsDeliberate(new Runtime(new NoteOfPowerShell7(null))));
        Assert.False(IsDeliberate(new Runtime(new object())));
        Assert.False(IsDeliberate(new Runtime(null)));
        Assert.False(IsDeliberate(new object()));
    }

    [Fact]
    public void Flow_control_itself_needs_no_note() => Assert.True(DownstreamStop.IsDeliberate(new TerminateException(), false, new object()));

    [Fact]
    public void What_is_stopped_from_outside_was_not_taken() =>
        Assert.False(DownstreamStop.IsDeliberate(
            new PipelineStoppedException(), true, new Runtime(new NoteOfPowerShell7(new TerminateException()))));

    private static bool IsDeliberate(object runtime) => DownstreamStop.IsDeliberate(new PipelineStoppedException(), false, runtime);

    private sealed class FakeStyle
    {
        public string OutputRendering { get; init; } = string.Empty;

        public string Reset { get; } = "<reset>";

        public FakeForeground Foreground { get; } = new();
    }

    private sealed class FakeForeground
    {
        public string Green { get; } = "<green>";
    }

    private sealed class Runtime(object? processor)
    {
        internal object? PipelineProcessor => processor;
    }

#pragma warning disable IDE0052 // They are read by reflection.
    private sealed class NoteOfPowerShell7(object? cause)
    {
        private readonly object? _firstTerminatingError = cause;
    }

    private sealed class NoteOfWindowsPowerShell(object? cause)
    {
#pragma warning disable IDE1006 // The engine's own name.
        private readonly object? firstTerminatingError = cause;
#pragma warning restore IDE1006
    }
#pragma warning restore IDE0052
}
