using System;
using System.Net;
using System.Security.Cryptography;
using UdpPS.Sockets;

namespace UdpPS.Listening;

/// <summary>
/// SipHash-2-4 (Aumasson and Bernstein, 2012) under a random key. A peer that chooses the input cannot
/// choose inputs that hash alike. Thread-safe.
/// </summary>
internal sealed class KeyedHash
{
    private readonly ulong _key0;
    private readonly ulong _key1;

    /// <summary>A key that nobody knows.</summary>
    internal KeyedHash()
    {
        var key = new byte[2 * sizeof(ulong)];
        using RandomNumberGenerator generator = RandomNumberGenerator.Create();
        generator.GetBytes(key);
        _key0 = BitConverter.ToUInt64(key, 0);
        _key1 = BitConverter.ToUInt64(key, sizeof(ulong));
    }

    /// <param name="key0">The first half of the key.</param>
    /// <param name="key1">The second half of the key.</param>
    internal KeyedHash(ulong key0, ulong key1)
    {
        _key0 = key0;
        _key1 = key1;
    }

    /// <summary>Hashes bytes.</summary>
    internal ulong Compute(byte[] data)
    {
        var state = new State(_key0, _key1);
        int whole = data.Length - (data.Length % sizeof(ulong));
        for (int i = 0; i < whole; i += sizeof(ulong))
        {
            state.Add(ReadLittleEndian(data, i, sizeof(ulong)));
        }

        ulong last = (ulong)data.Length << 56;
        state.Add(last | ReadLittleEndian(data, whole, data.Length - whole));
        return state.Finish();
    }

    /// <summary>Hashes a number.</summary>
    internal ulong Compute(ulong value)
    {
        var state = new State(_key0, _key1);
        state.Add(value);
        state.Add((ulong)sizeof(ulong) << 56);
        return state.Finish();
    }

    /// <summary>Hashes an address and a port.</summary>
    internal ulong Compute(IPEndPoint endPoint)
    {
        AddressBits bits = AddressBits.Of(endPoint);
        var state = new State(_key0, _key1);
        state.Add(bits.High);
        state.Add(bits.Low);
        state.Add(((ulong)(2 * sizeof(ulong)) << 56) | (uint)endPoint.Port);
        return state.Finish();
    }

    private static ulong ReadLittleEndian(byte[] data, int offset, int count)
    {
        if (count == sizeof(ulong) && BitConverter.IsLittleEndian)
        {
            return BitConverter.ToUInt64(data, offset);
        }

        ulong value = 0;
        for (int i = 0; i < count; i++)
        {
            value |= (ulong)data[offset + i] << (8 * i);
        }

        return value;
    }

    private struct State
    {
        private ulong _v0;
        private ulong _v1;
        private ulong _v2;
        private ulong _v3;

        internal State(ulong key0, ulong key1)
        {
            _v0 = key0 ^ 0x736f6d6570736575;
            _v1 = key1 ^ 0x646f72616e646f6d;
            _v2 = key0 ^ 0x6c7967656e657261;
            _v3 = key1 ^ 0x7465646279746573;
        }

        internal void Add(ulong word)
        {
            _v3 ^= word;
            Round();
            Round();
            _v0 ^= word;
        }

        internal ulong Finish()
        {
            _v2 ^= 0xff;
            Round();
            Round();
            Round();
            Round();
            return _v0 ^ _v1 ^ _v2 ^ _v3;
        }

        private void Round()
        {
            unchecked
            {
                _v0 += _v1;
                _v2 += _v3;
                _v1 = RotateLeft(_v1, 13) ^ _v0;
                _v3 = RotateLeft(_v3, 16) ^ _v2;
                _v0 = RotateLeft(_v0, 32);
                _v2 += _v1;
                _v0 += _v3;
                _v1 = RotateLeft(_v1, 17) ^ _v2;
                _v3 = RotateLeft(_v3, 21) ^ _v0;
                _v2 = RotateLeft(_v2, 32);
            }
        }

        private static ulong RotateLeft(ulong value, int count) => (value << count) | (value >> (64 - count));
    }
}
