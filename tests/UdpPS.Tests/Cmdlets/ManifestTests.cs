using System;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Reflection;
using System.Xml.Linq;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Cmdlets;

/// <summary>What the build leaves in output/UdpPS is the whole module.</summary>
public sealed class ManifestTests : IDisposable
{
    private readonly Session _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void It_exports_its_cmdlets_and_nothing_else()
    {
        PSModuleInfo module = _session.Run<PSModuleInfo>("Get-Module UdpPS").Single();
        Assert.Equal(["Receive-UdpAck", "Send-UdpMessage", "Start-UdpListener"], module.ExportedCommands.Keys.Order());
        Assert.Equal(["Core", "Desktop"], module.CompatiblePSEditions.Order());
    }

    // A search of the gallery filters by these.
    [Theory]
    [InlineData("UDP")]
    [InlineData("Network")]
    [InlineData("Socket")]
    [InlineData("Listener")]
    [InlineData("Sender")]
    [InlineData("Acknowledgment")]
    [InlineData("Datagram")]
    [InlineData("Multicast")]
    [InlineData("Broadcast")]
    [InlineData("Windows")]
    [InlineData("Linux")]
    [InlineData("MacOS")]
    [InlineData("PSEdition_Core")]
    [InlineData("PSEdition_Desktop")]
    public void It_is_found_by_its_tags(string tag) =>
        Assert.Contains(tag, _session.Run<PSModuleInfo>("Get-Module UdpPS").Single().Tags);

    [Fact]
    public void It_asks_for_the_oldest_PowerShell_and_NET_Framework_that_it_was_made_for()
    {
        PSModuleInfo module = _session.Run<PSModuleInfo>("Get-Module UdpPS").Single();
        Assert.Equal(new Version(5, 1), module.PowerShellVersion);
        Assert.Equal(new Version(4, 7, 2), module.DotNetFrameworkVersion);
    }

    // The gallery knows a module by its GUID for ever.
    [Fact]
    public void It_says_whose_it_is_and_what_for()
    {
        PSModuleInfo module = _session.Run<PSModuleInfo>("Get-Module UdpPS").Single();
        Assert.Equal(new Guid("f66128f5-65e1-49fa-ad35-2f2903817d33"), module.Guid);
        Assert.Equal("UdpPS contributors", module.Author);
        Assert.Equal("UdpPS", module.CompanyName);
        Assert.Equal("Copyright (c) 2026 UdpPS contributors. MIT license.", module.Copyright);
        Assert.Equal(new Uri("https://opensource.org/license/mit"), module.LicenseUri);
        Assert.StartsWith("Exchange UDP messages and acknowledgments from the pipeline: ", module.Description);
    }

    [Fact]
    public void The_manifest_and_the_assembly_have_one_version()
    {
        PSModuleInfo module = _session.Run<PSModuleInfo>("Get-Module UdpPS").Single();
        Assert.Equal(module.Version, Version.Parse(typeof(UdpMessage).Assembly
            .GetCustomAttribute<AssemblyFileVersionAttribute>()!.Version[..^2]));
    }

    [Fact]
    public void The_manifest_is_valid_and_lists_the_files_there_are()
    {
        _session["manifest"] = Repository.Manifest;
        PSModuleInfo module = _session.Run<PSModuleInfo>("Test-ModuleManifest $manifest").Single();
        string[] files = Directory.GetFiles(Path.GetDirectoryName(Repository.Manifest)!, "*", SearchOption.AllDirectories);
        Assert.Equal(files.Order(StringComparer.Ordinal), module.FileList.Select(Path.GetFullPath).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_is_public_only_for_PowerShell_says_so()
    {
        string[] types = typeof(UdpMessage).Assembly.GetExportedTypes()
            .Where(type => type.Namespace != nameof(UdpPS) && !type.IsSubclassOf(typeof(Cmdlet)))
            .Select(type => type.FullName!).ToArray();
        XElement[] documented = XDocument.Load(Path.ChangeExtension(typeof(UdpMessage).Assembly.Location, ".xml")).Descendants("member").ToArray();
        Assert.NotEmpty(types);
        Assert.All(types, type => Assert.Contains(
            "Public only because PowerShell",
            documented.Single(member => member.Attribute("name")!.Value == "T:" + type).Value));
    }

    [Fact]
    public void It_needs_no_other_assembly_at_run_time()
    {
        string[] references = typeof(UdpMessage).Assembly.GetReferencedAssemblies().Select(name => name.Name!).ToArray();
        Assert.Equal(["System.Management.Automation", "netstandard"], references.Order(StringComparer.Ordinal));
        string[] shipped = Directory.GetFiles(Path.GetDirectoryName(Repository.Manifest)!, "*.dll").Select(file => Path.GetFileName(file)).ToArray();
        Assert.Equal(["UdpPS.dll"], shipped);
    }
}
