using System.Net;
using System.Net.Sockets;

namespace Hillingar.Opam.Addresses;

/// <summary>
/// Tells addresses of the internet from those of this machine and of private networks, where no stranger has to send anybody.
/// </summary>
static class PrivateAddress
{
    static readonly IPNetwork[] s_private =
    [
        .. new[]
        {
            // https://www.iana.org/assignments/iana-ipv4-special-registry
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "224.0.0.0/4",
            "240.0.0.0/4",
            // https://www.iana.org/assignments/iana-ipv6-special-registry
            "::/128",
            "::1/128",
            "100::/64",
            "fc00::/7",
            "fe80::/10",
            "fec0::/10",
            "ff00::/8",
        }.Select(network => IPNetwork.Parse(network)),
    ];

    // Addresses in which an IPv4 address is written: translated (NAT64), 6to4, compatible.
    static readonly (IPNetwork Network, int At)[] s_embedding =
    [
        (IPNetwork.Parse("64:ff9b::/96"), 12),
        (IPNetwork.Parse("64:ff9b:1::/48"), 12),
        (IPNetwork.Parse("2002::/16"), 2),
        (IPNetwork.Parse("::/96"), 12),
    ];

    /// <summary>Whether an address is no address of the internet.</summary>
    public static bool Is(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (Array.Exists(s_private, network => network.BaseAddress.AddressFamily == address.AddressFamily && network.Contains(address)))
            return true;
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return false;
        var bytes = address.GetAddressBytes();
        return Array.Exists(
            s_embedding,
            embedding => embedding.Network.Contains(address) && Is(new IPAddress(bytes.AsSpan(embedding.At, 4)))
        );
    }
}
