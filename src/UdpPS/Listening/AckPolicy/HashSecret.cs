using System;
using System.Security.Cryptography;

namespace UdpPS.Listening;

/// <summary>
/// Factors for hashing that nobody outside can guess: who forges datagrams cannot choose those that hash alike.
/// </summary>
internal static class HashSecret
{
    /// <returns>An odd number, different each time.</returns>
    internal static ulong Create()
    {
        var bytes = new byte[sizeof(ulong)];
        using RandomNumberGenerator generator = RandomNumberGenerator.Create();
        generator.GetBytes(bytes);
        return BitConverter.ToUInt64(bytes, 0) | 1;
    }
}
