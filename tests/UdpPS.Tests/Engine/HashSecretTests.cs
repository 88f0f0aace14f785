using System.Linq;
using UdpPS.Listening;
using Xunit;

namespace UdpPS.Tests.Engine;

public sealed class HashSecretTests
{
    [Fact]
    public void Each_is_another_and_an_odd_number()
    {
        ulong[] secrets = [.. Enumerable.Range(0, 100).Select(_ => HashSecret.Create())];
        Assert.Equal(secrets.Length, secrets.Distinct().Count());
        Assert.All(secrets, secret => Assert.Equal(1u, secret & 1));
    }
}
