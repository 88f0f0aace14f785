using System;
using System.Management.Automation;
using System.Reflection;

namespace UdpPS.Commands;

/// <summary>Colors by $PSStyle, which PowerShell has from 7.2 on, and its reference assembly has not.</summary>
internal static class OutputStyle
{
    private static readonly PropertyInfo? Style =
        typeof(PSObject).Assembly.GetType("System.Management.Automation.PSStyle")?.GetProperty("Instance");

    /// <summary>The text in a color, or as it is where escape sequences are not rendered.</summary>
    internal static string Color(string text, string color)
    {
        if (Style?.GetValue(null) is not { } style || !IsRendered(style) || Get(style, "Foreground") is not { } foreground)
        {
            return text;
        }

        return $"{Get(foreground, color)}{text}{Get(style, "Reset")}";
    }

    private static bool IsRendered(object style) => Get(style, "OutputRendering")?.ToString() switch
    {
        "Ansi" => true,
        "Host" => !Console.IsOutputRedirected,
        _ => false,
    };

    private static object? Get(object target, string name) => PSObject.AsPSObject(target).Properties[name]?.Value;
}
