using System.Management.Automation;
using UdpPS.Commands;

namespace UdpPS.Display;

/// <summary>Colors by $PSStyle.</summary>
internal static class OutputStyle
{
    /// <summary>The text in a color, or as it is where escape sequences are not rendered.</summary>
    internal static string Color(string text, string color) => Color(text, color, EngineInternals.Style);

    /// <param name="text">The text.</param>
    /// <param name="color">The name of a color in $PSStyle.Foreground.</param>
    /// <param name="style">$PSStyle; null where there is none.</param>
    internal static string Color(string text, string color, object? style)
    {
        if (style is null || !IsRendered(style) || Get(style, "Foreground") is not { } foreground)
        {
            return text;
        }

        return $"{Get(foreground, color)}{text}{Get(style, "Reset")}";
    }

    private static bool IsRendered(object style) => Get(style, "OutputRendering")?.ToString() switch
    {
        "Ansi" => true,
        "Host" => !StandardOutput.IsRedirected,
        _ => false,
    };

    private static object? Get(object target, string name) => PSObject.AsPSObject(target).Properties[name]?.Value;
}
