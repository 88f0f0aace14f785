using System;
using System.Diagnostics;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks;
using UdpPS.Sockets;
using UdpPS.Tests.Infrastructure;
using Xunit;

namespace UdpPS.Tests.Engine;

/// <summary>Both implementations of a listening socket do the same.</summary>
public sealed class ListenerSocketTests
{
    public enum Kind
    {
        Portable,
        Linux,
    }

    [Theory]
    [InlineData(Kind.Portable)]
    [InlineData(Kind.Linux)]
    public void Datagrams_come_whole_in_order_and_with_their_sender(Kind kind)
    {
        using IListenerSocket socket = Open(kind, IPAddress.Loopback);
        using var peer = new RawSocket();
        int[] lengths = [0, 1, 1472, 65507, 0, 3];
        foreach (int length in lengths)
        {
            peer.SendTo(socket.LocalEndPoint.Port, Enumerable.Repeat((byte)length, length).ToArray());
        }

        Datagram[] received = Receive(socket, lengths.Length);
        Assert.Equal(lengths, received.Select(datagram => datagram.Payload.Length));
        Assert.All(received, datagram => Assert.All(datagram.Payload, value => Assert.Equal((byte)datagram.Payload.Length, value)));
        Assert.All(received, datagram => Assert.Equal(peer.EndPoint, datagram.Remote));
    }

    [Theory]
    [InlineData(Kind.Portable)]
    [InlineData(Kind.Linux)]
    public void Answers_of_any_length_go_to_their_peers(Kind kind)
    {
        using IListenerSocket socket = Open(kind, IPAddress.Loopback);
        using var one = new RawSocket();
        using var other = new RawSocket();
        Datagram[] answers = [new([1], one.EndPoint, null), new([], other.EndPoint, null), new(new byte[65507], one.EndPoint, null)];
        SendAll(socket, answers);

        Assert.Equal([1], one.ReceiveBytes(out IPEndPoint from));
        Assert.Equal(socket.LocalEndPoint, from);
        Assert.Equal(65507, one.ReceiveBytes(out _).Length);
        Assert.Empty(other.ReceiveBytes(out _));
    }

    [Theory]
    [InlineData(Kind.Portable)]
    [InlineData(Kind.Linux)]
    public void Many_answers_go_out_in_order_each_a_datagram_of_its_own(Kind kind)
    {
        using IListenerSocket socket = Open(kind, IPAddress.Loopback);
        using var one = new RawSocket();
        using var other = new RawSocket();
        IPEndPoint peer = one.EndPoint;
        IPEndPoint otherPeer = other.EndPoint;
        AssertArrive(socket, one, other, [.. Enumerable.Range(0, 64).Select(i => new Datagram(Numbered(i, 16), peer, null))]);
        AssertArrive(socket, one, other, [.. Enumerable.Range(0, 64).Select(i => new Datagram(Numbered(i, 1232), peer, null))]);
        AssertArrive(socket, one, other, [.. Enumerable.Range(0, 64).Select(
            i => new Datagram(Numbered(i, 1 + (i / 5 % 3)), i / 7 % 2 == 0 ? peer : otherPeer, null))]);
        AssertArrive(socket, one, other, [.. Enumerable.Range(0, 6).Select(i => new Datagram(new byte[i / 3], peer, null))]);
    }

    [Theory]
    [InlineData(Kind.Portable)]
    [InlineData(Kind.Linux)]
    public void One_that_is_longer_than_a_datagram_does_not_hold_up_those_before_it(Kind kind)
    {
        using IListenerSocket socket = Open(kind, IPAddress.Loopback);
        using var peer = new RawSocket();
        IPEndPoint to = peer.EndPoint;
        Datagram[] datagrams = [new([1], to, null), new([2, 2], to, null), new(new byte[70_000], to, null)];
        Assert.Equal(2, socket.Send(datagrams, 0, 3));
        Assert.Equal([1], peer.ReceiveBytes(out _));
        Assert.Equal([2, 2], peer.ReceiveBytes(out _));
        Assert.Equal(
            SocketError.MessageSize, Assert.Throws<SocketException>(() => socket.Send(datagrams, 2, 1)).SocketErrorCode);
    }

    [Fact]
    public void Many_answers_go_out_also_where_the_kernel_cannot_take_them_as_one()
    {
        // Without checksums Linux refuses to take a segmentation batch apart.
        const int SocketLevel = 1;
        const int NoChecksum = 11;
        using IListenerSocket socket = Open(Kind.Linux, IPAddress.Loopback, out Socket options);
        options.SetRawSocketOption(SocketLevel, NoChecksum, BitConverter.GetBytes(1));
        using var one = new RawSocket();
        IPEndPoint peer = one.EndPoint;
        for (int round = 0; round < 2; round++)
        {
            AssertArrive(socket, one, one, [.. Enumerable.Range(0, 10).Select(i => new Datagram(Numbered(i, 16), peer, null))]);
        }
    }

    [Fact]
    public void A_peer_that_cannot_be_reached_does_not_slow_the_answers_to_others()
    {
        // With this option Linux hands a segmentation batch over in one piece.
        const int UdpLevel = 17;
        const int ReceiveSegmentationBatches = 104;
        using IListenerSocket socket = Open(Kind.Linux, IPAddress.Loopback);
        using var one = new RawSocket();
        one.Socket.SetRawSocketOption(UdpLevel, ReceiveSegmentationBatches, BitConverter.GetBytes(1));
        Datagram[] batch = To(one.EndPoint);
        Assert.Equal(batch.Length, socket.Send(batch, 0, batch.Length));
        Assert.SkipUnless(one.ReceiveBytes(out _).Length == batch.Length, "This system sends no segmentation batches.");

        // A broadcast, which this socket may not send.
        Datagram[] refused = To(new IPEndPoint(IPAddress.Parse("127.255.255.255"), one.Port));
        Assert.Equal(
            SocketError.AccessDenied,
            Assert.Throws<SocketException>(() => socket.Send(refused, 0, refused.Length)).SocketErrorCode);
        Assert.Equal(batch.Length, socket.Send(batch, 0, batch.Length));
        Assert.Equal(batch.Length, one.ReceiveBytes(out _).Length);

        static Datagram[] To(IPEndPoint peer) => [.. Enumerable.Range(0, 10).Select(i => new Datagram([(byte)i], peer, null))];
    }

    [Theory]
    [InlineData(Kind.Portable)]
    [InlineData(Kind.Linux)]
    [WineCannot("DualStack")]
    public void A_dual_stack_socket_tells_the_address_a_datagram_came_to(Kind kind)
    {
        SkipWithoutIPv6();
        using IListenerSocket socket = Open(kind, IPAddress.IPv6Any);
        using var four = new RawSocket();
        using var six = new RawSocket(IPAddress.IPv6Loopback);
        four.Socket.SendTo([4], new IPEndPoint(IPAddress.Parse("127.0.0.2"), socket.LocalEndPoint.Port));
        six.SendTo(socket.LocalEndPoint.Port, [6]);
        Datagram[] received = [.. Receive(socket, 2).OrderBy(datagram => datagram.Payload[0])];
        Assert.Equal(IPAddress.Parse("127.0.0.2"), received[0].Local);
        Assert.Equal(four.EndPoint, received[0].Remote);
        Assert.Equal(IPAddress.IPv6Loopback, received[1].Local);
        Assert.Equal(six.EndPoint, received[1].Remote);
    }

    [Theory]
    [InlineData("0.0.0.0", "127.0.0.2")]
    [InlineData("::", "127.0.0.2")]
    [InlineData("::", "::1")]
    public void On_Linux_an_answer_leaves_from_the_address_that_was_asked(string bound, string asked)
    {
        SkipWithoutIPv6();
        using IListenerSocket socket = Open(Kind.Linux, IPAddress.Parse(bound));
        var target = new IPEndPoint(IPAddress.Parse(asked), socket.LocalEndPoint.Port);
        using var client = new Socket(target.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 60_000 };
        client.Connect(target);
        client.Send([1]);
        Datagram question = Receive(socket, 1)[0];
        Assert.Equal(1, socket.Send([new Datagram([2], question.Remote, question.Local)], 0, 1));
        Assert.Equal(1, client.Receive(new byte[10]));
    }

    [Fact]
    public void On_Linux_answers_to_one_peer_leave_from_each_address_that_it_asked()
    {
        using IListenerSocket socket = Open(Kind.Linux, IPAddress.Any);
        using var client = new RawSocket();
        IPAddress[] asked = [IPAddress.Parse("127.0.0.2"), IPAddress.Parse("127.0.0.3")];
        foreach (IPAddress address in asked)
        {
            client.Socket.SendTo([1], new IPEndPoint(address, socket.LocalEndPoint.Port));
        }

        Datagram[] answers = [.. Receive(socket, 2).Select(question => new Datagram([2], question.Remote, question.Local))];
        Assert.Equal(2, socket.Send(answers, 0, 2));
        foreach (IPAddress address in asked)
        {
            client.ReceiveBytes(out IPEndPoint from);
            Assert.Equal(address, from.Address);
        }
    }

    [Theory]
    [InlineData(Kind.Portable)]
    [InlineData(Kind.Linux)]
    public void Nothing_comes_when_the_time_is_up(Kind kind)
    {
        using IListenerSocket socket = Open(kind, IPAddress.Loopback);
        Assert.Equal(0, socket.Receive(new Datagram[4], 0));

        // A signal may end a wait early.
        Until.True(
            () =>
            {
                var time = Stopwatch.StartNew();
                Assert.Equal(0, socket.Receive(new Datagram[4], 50));
                return time.ElapsedMilliseconds >= 49;
            },
            "the time was waited for");
    }

    [Theory]
    [InlineData(Kind.Portable)]
    [InlineData(Kind.Linux)]
    public void A_batch_takes_no_more_than_there_is_room_for(Kind kind)
    {
        using IListenerSocket socket = Open(kind, IPAddress.Loopback);
        using var peer = new RawSocket();
        for (int i = 0; i < 5; i++)
        {
            peer.SendTo(socket.LocalEndPoint.Port, [(byte)i]);
        }

        var two = new Datagram[2];
        Assert.Equal(Math.Min(2, socket.BatchLength), socket.Receive(two, 10_000));
        Assert.Equal(0, two[0].Payload[0]);
        Assert.Equal(Enumerable.Range(1, 4).Select(i => (byte)i).Skip(socket.BatchLength == 1 ? 0 : 1),
            Receive(socket, socket.BatchLength == 1 ? 4 : 3).Select(datagram => datagram.Payload[0]));
    }

    [Theory]
    [InlineData(Kind.Portable, 100)]
    [InlineData(Kind.Portable, int.MaxValue)]
    [InlineData(Kind.Linux, 100)]
    [InlineData(Kind.Linux, int.MaxValue)]
    public async Task Closing_ends_a_wait(Kind kind, int timeoutMilliseconds)
    {
        IListenerSocket socket = Open(kind, IPAddress.Loopback);
        int port = socket.LocalEndPoint.Port;
        Task<Exception?> waiter = Task.Run(
            () => Record.Exception(() => { while (socket.Receive(new Datagram[4], timeoutMilliseconds) == 0) { } }),
            TestContext.Current.CancellationToken);
        socket.Dispose();
        Exception? end = await waiter.WaitAsync(Until.Deadline, TestContext.Current.CancellationToken);
        Assert.True(end is ObjectDisposedException or SocketException, $"{end}");
        Ports.AssertFree(port);
    }

    [Theory]
    [InlineData(Kind.Portable)]
    [InlineData(Kind.Linux)]
    public void After_the_end_of_all_waits_it_can_still_be_read_and_never_waits(Kind kind)
    {
        using IListenerSocket socket = Open(kind, IPAddress.Loopback);
        using var peer = new RawSocket();
        peer.SendTo(socket.LocalEndPoint.Port, [1]);
        peer.SendTo(socket.LocalEndPoint.Port, []);
        socket.EndWaits();
        Assert.Equal([1, 0], Receive(socket, 2).Select(datagram => datagram.Payload.Length));
        Assert.Equal(0, socket.Receive(new Datagram[4], int.MaxValue));
        Assert.Equal(0, socket.Receive(new Datagram[4], 600_000));
    }

    [Fact]
    public async Task On_Linux_the_end_of_all_waits_is_no_datagram()
    {
        using IListenerSocket socket = Open(Kind.Linux, IPAddress.Loopback);
        Task<int> waiter = Task.Run(() => socket.Receive(new Datagram[4], int.MaxValue), TestContext.Current.CancellationToken);
        while (!waiter.IsCompleted)
        {
            socket.EndWaits();
            await Task.Yield();
        }

        Assert.Equal(0, await waiter);
    }

    [Theory]
    [InlineData(Kind.Portable)]
    [InlineData(Kind.Linux)]
    public void What_the_system_drops_is_counted(Kind kind)
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("Only Linux tells.");
        }

        using IListenerSocket socket = Open(kind, IPAddress.Loopback, out Socket options);
        options.ReceiveBufferSize = 4096;
        using var peer = new RawSocket();
        const int Sent = 1000;
        for (int i = 0; i < Sent; i++)
        {
            peer.SendTo(socket.LocalEndPoint.Port, new byte[64]);
        }

        Assert.True(socket.IsFilling);
        int received = 0;
        var batch = new Datagram[64];
        for (int count; (count = socket.Receive(batch, 0)) > 0;)
        {
            received += count;
        }

        Assert.InRange(received, 1, Sent - 1);
        Assert.Equal(Sent - received, socket.DroppedBySystem);
        Assert.False(socket.IsFilling);
    }

    private static byte[] Numbered(int number, int length)
    {
        byte[] payload = new byte[length];
        payload[0] = (byte)number;
        return payload;
    }

    private static void SendAll(IListenerSocket socket, Datagram[] datagrams)
    {
        for (int sent = 0; sent < datagrams.Length;)
        {
            sent += socket.Send(datagrams, sent, datagrams.Length - sent);
        }
    }

    private static void AssertArrive(IListenerSocket socket, RawSocket one, RawSocket other, Datagram[] answers)
    {
        SendAll(socket, answers);

        foreach (Datagram answer in answers)
        {
            RawSocket peer = answer.Remote!.Equals(one.EndPoint) ? one : other;
            Assert.Equal(answer.Payload, peer.ReceiveBytes(out IPEndPoint from));
            Assert.Equal(socket.LocalEndPoint, from);
        }
    }

    private static Datagram[] Receive(IListenerSocket socket, int count)
    {
        var received = new Datagram[count];
        var batch = new Datagram[count];
        for (int have = 0; have < count;)
        {
            int more = socket.Receive(batch, (int)Until.Deadline.TotalMilliseconds);
            Assert.NotEqual(0, more);
            Array.Copy(batch, 0, received, have, Math.Min(more, count - have));
            have += more;
        }

        return received;
    }

    private static IListenerSocket Open(Kind kind, IPAddress address) => Open(kind, address, out _);

    private static IListenerSocket Open(Kind kind, IPAddress address, out Socket socket)
    {
        Assert.SkipWhen(kind == Kind.Linux && !LinuxMessages.HasLayout, "The batch calls are Linux's.");
        IPAddress? local = address.Equals(IPAddress.IPv6Any) ? null : address;
        socket = BoundSocket.Open(new BindOptions { LocalAddress = local }, out bool tellsLocalAddress);
        return kind == Kind.Portable ? new PortableListenerSocket(socket, tellsLocalAddress) : new LinuxListenerSocket(socket);
    }

    private static void SkipWithoutIPv6()
    {
        if (!Socket.OSSupportsIPv6)
        {
            Assert.Skip("This machine has no IPv6.");
        }
    }
}
