using System.Collections.Generic;

namespace UdpPS.Listening;

/// <summary>Compares numbers that peers can choose, such as addresses, by a hash that they cannot know.</summary>
internal sealed class KeyedComparer : IEqualityComparer<ulong>
{
    private readonly KeyedHash _hash = new();

    public bool Equals(ulong x, ulong y) => x == y;

    public int GetHashCode(ulong value) => unchecked((int)_hash.Compute(value));
}
