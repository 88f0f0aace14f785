using System.IO;
using System.Linq;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Engine;

public sealed class LayeringTests
{
    [Theory]
    [InlineData("Messages", "System.Management.Automation", "UdpPS.Listening", "UdpPS.Sockets", "UdpPS.Commands", "UdpPS.AckScripts")]
    [InlineData("Sockets", "System.Management.Automation", "UdpPS.Listening", "UdpPS.Sending", "UdpPS.Commands", "UdpPS.AckScripts", "UdpPS.Display")]
    [InlineData("Listening", "System.Management.Automation", "UdpPS.Sending", "UdpPS.Commands", "UdpPS.AckScripts", "UdpPS.Display")]
    [InlineData("Sending", "System.Management.Automation", "UdpPS.Listening", "UdpPS.Commands", "UdpPS.AckScripts", "UdpPS.Display")]
    public void A_layer_knows_only_what_lies_below(string layer, params string[] unknown)
    {
        string[] files = Directory.GetFiles(Path.Combine(Repository.Root, "src", "UdpPS", layer), "*.cs", SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        var offenders = files.Where(file => unknown.Any(name => File.ReadAllText(file).Contains($"using {name};")));
        Assert.Empty(offenders);
    }
}
