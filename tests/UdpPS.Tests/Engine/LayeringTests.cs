using System.IO;
using System.Linq;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Engine;

public sealed class LayeringTests
{
    [Theory]
    [InlineData("Messages", "System.Management.Automation", "UdpPS.Listening", "UdpPS.Sending", "UdpPS.Sockets", "UdpPS.Commands")]
    [InlineData("Sockets", "System.Management.Automation", "UdpPS.Listening", "UdpPS.Sending", "UdpPS.Commands")]
    [InlineData("Listening", "System.Management.Automation", "UdpPS.Sending", "UdpPS.Commands")]
    [InlineData("Sending", "System.Management.Automation", "UdpPS.Listening", "UdpPS.Commands")]
    public void A_layer_knows_only_what_lies_below(string layer, params string[] unknown)
    {
        string[] files = Directory.GetFiles(Path.Combine(Repository.Root, "src", "UdpPS", layer), "*.cs");
        Assert.NotEmpty(files);
        var offenders = files.Where(file => unknown.Any(name => File.ReadAllText(file).Contains($"using {name};")));
        Assert.Empty(offenders);
    }
}
