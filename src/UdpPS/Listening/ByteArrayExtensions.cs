namespace UdpPS.Listening;

/// <summary>Comparing payloads.</summary>
internal static class ByteArrayExtensions
{
    /// <summary>Whether both hold the same bytes; false where the other is null.</summary>
    internal static bool SequenceIs(this byte[] one, byte[]? other)
    {
        if (other is null || one.Length != other.Length)
        {
            return false;
        }

        for (int i = 0; i < one.Length; i++)
        {
            if (one[i] != other[i])
            {
                return false;
            }
        }

        return true;
    }
}
