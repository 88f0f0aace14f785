using System;
using System.Collections.Generic;
using System.IO;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using Xunit;
using Xunit.v3;

namespace UdpPS.Tests.Infrastructure;

/// <summary>A test that Wine cannot judge, by a fault of its own: skipped there, and nowhere else.</summary>
/// <param name="fault">Its name in tests/wine.json, which has the reason.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class WineCannotAttribute(string fault) : BeforeAfterTestAttribute, ITraitAttribute
{
    private static readonly bool IsWine = OperatingSystem.IsWindows()
        && NativeLibrary.TryGetExport(NativeLibrary.Load("ntdll.dll"), "wine_get_version", out _);

    private static readonly Dictionary<string, string> Reasons =
        JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(Path.Combine(Repository.Root, "tests", "wine.json")))!;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Wine", fault)];

    public override void Before(MethodInfo methodUnderTest, IXunitTest test) => Assert.SkipWhen(IsWine, Reasons[fault]);
}
