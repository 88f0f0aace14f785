using System;
using System.Collections;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Net;
using System.Runtime.CompilerServices;

namespace UdpPS.Parameters;

/// <summary>
/// Takes one port or many, and never fails: what cannot be read becomes <see cref="Unreadable"/>, so that the row that it stands
/// in has its error, and the others are sent.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
internal sealed class PortTransformationAttribute : ArgumentTransformationAttribute
{
    /// <summary>Stands for what cannot be read.</summary>
    internal const int Unreadable = 0;

    private static readonly ConditionalWeakTable<int[], string[]> Texts = new();

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = BaseObject.Of(inputData);
        object?[] given = value is IList { Count: > 0 } list and not byte[] ? list.Cast<object?>().ToArray() : new[] { inputData };
        int[] ports = given.Select(Read).ToArray();
        if (ports.Contains(Unreadable))
        {
            Texts.Add(ports, given.Select(TextOf).ToArray());
        }

        return ports;
    }

    /// <summary>What was given in place of a port that cannot be read.</summary>
    internal static string TextOf(int[] ports, int index) =>
        Texts.TryGetValue(ports, out string[] texts) ? texts[index] : ports[index].ToString(CultureInfo.InvariantCulture);

    private static int Read(object? given)
    {
        object? value = BaseObject.Of(given);
        bool isNumber = value is int or long or short or byte or uint or ulong or ushort or sbyte or double or float or decimal;
        string text = isNumber
            ? Convert.ToString(value, CultureInfo.InvariantCulture)!
            : (value as string)?.Trim() ?? string.Empty;
        bool isPort = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            && port is > IPEndPoint.MinPort and <= IPEndPoint.MaxPort;
        return isPort ? port : Unreadable;
    }

    private static string TextOf(object? given) => BaseObject.Of(given) is null ? string.Empty : LanguagePrimitives.ConvertTo<string>(given);
}
