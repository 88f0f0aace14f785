using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Help;

/// <summary>docs/architecture.md names what exists.</summary>
public sealed partial class ArchitectureTests
{
    [Fact]
    public void Every_name_is_a_type_or_a_folder()
    {
        string source = Path.Combine(Repository.Root, "src", "UdpPS");
        var names = typeof(UdpMessage).Assembly.GetTypes().Select(type => type.Name)
            .Concat(Directory.GetDirectories(source).Select(folder => Path.GetFileName(folder)!))
            .Append("src/UdpPS").ToHashSet();
        string text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "architecture.md"));
        string[] named = Code().Matches(text).Select(match => match.Groups[1].Value).ToArray();
        Assert.True(named.Length > 20);
        Assert.All(named, name => Assert.Contains(name, names));
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}
