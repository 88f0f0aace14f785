using System.Collections.Generic;
using System.Linq;

namespace UdpPS.Parameters;

/// <summary>Completes the names of this machine's interfaces, and tells their addresses.</summary>
internal sealed class InterfaceCompleter : ValueCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<(string Text, string? ToolTip)> Candidates() =>
        KnownInterface.FindAll().Select(known => (known.Name, (string?)Describe(known)));

    private static string Describe(KnownInterface known)
    {
        string addresses = known.Addresses.Count == 0
            ? "no address"
            : string.Join(", ", known.Addresses.Select(own => own.Address));
        return known.Index is { } index ? $"{known.Name}: {addresses} (index {index})" : $"{known.Name}: {addresses}";
    }
}
