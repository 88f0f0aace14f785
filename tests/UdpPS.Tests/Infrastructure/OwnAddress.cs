using System.Net;
using System.Net.NetworkInformation;

namespace UdpPS.Tests.Infrastructure;

/// <summary>An address of a machine that there is not.</summary>
internal sealed class OwnAddress(IPAddress address, IPAddress mask) : UnicastIPAddressInformation
{
    public override IPAddress Address => address;

    public override IPAddress IPv4Mask => mask;

    public override long AddressPreferredLifetime => 0;

    public override long AddressValidLifetime => 0;

    public override long DhcpLeaseLifetime => 0;

    public override DuplicateAddressDetectionState DuplicateAddressDetectionState => DuplicateAddressDetectionState.Preferred;

    public override bool IsDnsEligible => true;

    public override bool IsTransient => false;

    public override PrefixOrigin PrefixOrigin => PrefixOrigin.Manual;

    public override SuffixOrigin SuffixOrigin => SuffixOrigin.Manual;
}
