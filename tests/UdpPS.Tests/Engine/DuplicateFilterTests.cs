using System;
using System.Net;
using System.Text;
using UdpPS.Listening;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Engine;

public sealed class DuplicateFilterTests
{
    private const string Peer = "198.51.100.7:5000";

    private readonly DuplicateFilter _filter = new(windowSeconds: 10);

    [Fact]
    public void The_same_bytes_from_the_same_endpoint_are_a_duplicate_within_the_window()
    {
        UdpMessage original = Sample.Message(Peer, "a", at: 100);
        Assert.Null(_filter.Find(original));
        _filter.Remember(original);
        Assert.Same(original, _filter.Find(Sample.Message(Peer, "a", at: 109)));
        Assert.Null(_filter.Find(Sample.Message(Peer, "a", at: 111)));
    }

    [Fact]
    public void All_that_is_older_than_the_window_is_forgotten()
    {
        _filter.Remember(Sample.Message(Peer, "a", at: 100));
        _filter.Remember(Sample.Message(Peer, "b", at: 101));
        _filter.Remember(Sample.Message(Peer, "c", at: 109));
        Assert.Null(_filter.Find(Sample.Message(Peer, "b", at: 112)));
        Assert.Equal(1, _filter.Count);
        Assert.NotNull(_filter.Find(Sample.Message(Peer, "c", at: 112)));
    }

    [Theory]
    [InlineData("198.51.100.7:5001", "a")]
    [InlineData("198.51.100.8:5000", "a")]
    [InlineData(Peer, "b")]
    [InlineData(Peer, "aa")]
    [InlineData(Peer, "a\0")]
    public void Anything_else_is_new(string from, string text)
    {
        UdpMessage known = Sample.Message(Peer, "a", at: 100);
        UdpMessage other = Sample.Message(from, text, at: 100);
        _filter.Remember(known);
        Assert.Null(_filter.Find(other));

        // Also where the two hash alike.
        Assert.False(new DuplicateFilter.SameOriginAndBytes().Equals(known, other));
    }

    [Fact]
    public void What_came_to_another_address_of_this_machine_is_new()
    {
        UdpMessage original = Sample.Message(Peer, "a", at: 100);
        _filter.Remember(original);
        Assert.Null(_filter.Find(new UdpMessage(
            original.Bytes,
            original.RemoteEndPoint,
            IPAddress.Parse("192.0.2.11"),
            original.LocalPort,
            sequence: 2,
            DateTime.UtcNow,
            Sample.Ticks(100),
            Encoding.UTF8)));
    }

    [Fact]
    public void Empty_datagrams_are_never_duplicates()
    {
        for (int i = 0; i < 2; i++)
        {
            _filter.Remember(Sample.Message(Peer, "", at: 100));
            Assert.Null(_filter.Find(Sample.Message(Peer, "", at: 100)));
        }

        Assert.Equal(0, _filter.Count);
    }

    [Fact]
    public void What_is_remembered_is_bounded_in_number()
    {
        for (int i = 0; i < 70_000; i++)
        {
            _filter.Remember(Sample.Message(Peer, $"{i}", at: 100));
        }

        Assert.Equal(65536, _filter.Count);
        Assert.Null(_filter.Find(Sample.Message(Peer, "0", at: 100)));
        Assert.NotNull(_filter.Find(Sample.Message(Peer, "69999", at: 100)));
    }

    [Fact]
    public void What_is_remembered_is_bounded_in_bytes()
    {
        for (int i = 0; i < 1200; i++)
        {
            _filter.Remember(Sample.Message(Peer, $"{i}{new string('x', 60_000)}", at: 100));
        }

        // The bytes of a number come on top of each.
        Assert.Equal(64 * 1024 * 1024 / 60_003, _filter.Count);
    }

    [Fact]
    public void Acks_that_are_remembered_are_bounded_in_bytes()
    {
        for (int i = 0; i < 1200; i++)
        {
            UdpMessage message = Sample.Message(Peer, $"{i}", at: 100);
            message.Ack = new byte[60_000];
            _filter.Remember(message);
        }

        // The bytes of a number come on top of each.
        Assert.Equal(64 * 1024 * 1024 / 60_003, _filter.Count);
    }

    [Fact]
    public void Messages_of_any_length_are_told_apart_by_their_last_byte()
    {
        for (int length = 1; length < 40; length++)
        {
            string text = new('x', length);
            _filter.Remember(Sample.Message(Peer, text, at: 100));
            Assert.NotNull(_filter.Find(Sample.Message(Peer, text, at: 100)));
            Assert.Null(_filter.Find(Sample.Message(Peer, string.Concat(text.AsSpan(1), "y"), at: 100)));
        }
    }
}
