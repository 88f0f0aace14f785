using System;
using System.IO;

namespace UdpPS.Tests.Infrastructure;

/// <summary>Where the repository and the staged module are.</summary>
internal static class Repository
{
    internal static string Root { get; } = FindRoot();

    internal static string Manifest => Path.Combine(Root, "output", "UdpPS", "UdpPS.psd1");

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "UdpPS.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException("The tests are not inside the repository.");
    }
}
