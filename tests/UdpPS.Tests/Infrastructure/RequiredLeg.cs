using System;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using Xunit;

namespace UdpPS.Tests.Infrastructure;

/// <summary>
/// A leg of the tests that not every machine can run. It is skipped where it cannot run, unless the environment variable
/// UDPPS_REQUIRE names it, as a list with commas: then it fails.
/// </summary>
internal static class RequiredLeg
{
    internal const string Peers = "peers";

    [DoesNotReturn]
    internal static void Skip(string leg, string reason)
    {
        string[] required = (Environment.GetEnvironmentVariable("UDPPS_REQUIRE") ?? string.Empty).Split(',');
        if (required.Contains(leg))
        {
            Assert.Fail($"{reason}, and UDPPS_REQUIRE names {leg}.");
        }

        Assert.Skip(reason);
    }
}
