using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Text;
using UdpPS.Listening;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Engine;

/// <summary>
/// What peers choose cannot be chosen so that it falls into one chain of a table: the longest chain is that of random input.
/// </summary>
public sealed class HashFloodTests
{
    private const int Count = 65_536;

    // Of 65,536 in as many buckets the longest chain has 8 or 9; one of 20 comes once in 10^13 tries.
    private const int LongestChain = 20;

    [Fact]
    public void Payloads_that_differ_in_bits_which_cancel_in_many_hashes()
    {
        // A multiplication lets the top bit of one block be undone by the next.
        byte[] payload = new byte[8 * 33];
        AssertSpread(Enumerable.Range(0, Count).Select(i =>
        {
            for (int bit = 0; bit < 16; bit++)
            {
                bool isFlipped = (i >> bit & 1) != 0;
                payload[(16 * bit) + 7] = (byte)(isFlipped ? 0x80 : 0);
                payload[(16 * bit) + 15] = (byte)(isFlipped ? 0x80 : 0);
                payload[(16 * bit) + 12] = (byte)(isFlipped ? 0x04 : 0);
            }

            return MessageOf((byte[])payload.Clone(), "198.51.100.7:5000");
        }));
    }

    [Fact]
    public void The_same_payload_from_every_port() =>
        AssertSpread(Enumerable.Range(0, Count).Select(i => MessageOf([1, 2, 3], $"198.51.100.7:{i}")));

    [Fact]
    public void The_same_payload_from_addresses_that_hash_alike_without_a_key() =>
        AssertSpread(Enumerable.Range(0, Count).Select(i => MessageOf([1, 2, 3], $"10.{i >> 8}.{i & 255}.{(i >> 8) ^ (i & 255)}:5000")));

    [Fact]
    public void Source_addresses_of_the_rate_limit()
    {
        var comparer = new KeyedComparer();
        AssertSpread(Enumerable.Range(0, Count).Select(i => comparer.GetHashCode(((ulong)i << 32) | (uint)i)));
        AssertSpread(Enumerable.Range(0, Count).Select(i => comparer.GetHashCode((ulong)i << 40)));
    }

    private static UdpMessage MessageOf(byte[] payload, string from) =>
        new(payload, IPEndPoint.Parse(from), Sample.Here, 4010, 1, DateTime.UtcNow, 0, Encoding.UTF8);

    private static void AssertSpread(IEnumerable<UdpMessage> messages)
    {
        var comparer = new DuplicateFilter.SameOriginAndBytes();
        AssertSpread(messages.Select(comparer.GetHashCode));
    }

    private static void AssertSpread(IEnumerable<int> hashes)
    {
        int[] all = hashes.ToArray();
        Assert.Equal(Count, all.Length);
        Assert.InRange(all.GroupBy(hash => (uint)hash % Count).Max(chain => chain.Count()), 2, LongestChain);
        Assert.InRange(all.GroupBy(hash => (uint)hash % 65_537).Max(chain => chain.Count()), 2, LongestChain);
    }
}
