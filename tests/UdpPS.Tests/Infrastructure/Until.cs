using System;
using System.Threading;
using Xunit;

namespace UdpPS.Tests.Infrastructure;

/// <summary>Waits for a state instead of for a time. The deadline is generous: it is only met when something is broken.</summary>
internal static class Until
{
    internal static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    internal static void True(Func<bool> state, string what)
    {
        bool isReached = SpinWait.SpinUntil(() => { Thread.Yield(); return state(); }, Deadline);
        Assert.True(isReached, $"Not within {Deadline.TotalSeconds} s: {what}");
    }
}
