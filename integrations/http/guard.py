"""Which addresses the door connects to: the rule against server-side request forgery, pure and complete.

`ipaddress.is_global` alone is not enough (measured on Python 3.11): it calls 64:ff9b::a9fe:a9fe, which is
169.254.169.254 behind NAT64, global, and so ::7f00:1, fec0::1, 224.0.0.1 and 192.0.0.192.
"""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

METADATA = frozenset(
    ip_address(text)
    for text in (
        "169.254.169.254",  # AWS, Azure, Google, DigitalOcean, OpenStack and others
        "169.254.170.2",  # AWS container credentials
        "169.254.170.23",  # AWS pod identity
        "fd00:ec2::254",  # AWS
        "fd00:ec2::23",  # AWS pod identity
        "fd20:ce::254",  # Google
        "100.100.100.200",  # Alibaba
        "168.63.129.16",  # Azure WireServer; looks public
        "192.0.0.192",  # Oracle; looks public
    )
)
"""Where clouds hand out a machine's credentials to whoever asks from inside."""

INSIDE: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"),  # private networks
        *("169.254.0.0/16", "fe80::/10", "fec0::/10"),  # this link, this site
        "100.64.0.0/10",  # behind a carrier's NAT
    )
)

NOWHERE: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "192.0.0.0/24",  # protocol assignments
        *("192.88.99.0/24", "2002::/16"),  # 6to4 and its relays, withdrawn by RFC 7526
        "198.18.0.0/15",  # benchmarks
        "2001::/32",  # Teredo: a tunnel to whatever IPv4 address its bits name
        "3fff::/20",  # documentation, RFC 9637, newer than Python 3.11
    )
)
"""IANA's special-purpose ranges that `is_global` does not know in every Python from 3.11 on."""

PUBLIC_V6 = IPv6Network("2000::/3")
"""All that IANA has ever handed out for the public internet. What lies outside (IPv4-compatible ::/96, SIIT,
a NAT64 of one's own at 64:ff9b:1::/48, segment routing) is some network's inside."""

NAT64 = IPv6Network("64:ff9b::/96")
ISATAP = (0x0000_5EFE, 0x0200_5EFE)  # upper half of the interface identifier, RFC 5214


def refusal(address: str | Address) -> str | None:
    """Why the door does not connect to `address`, in words for a person; None when it may.

    address: an IP address, not a name; in text it may carry a zone ("fe80::1%eth0").  Raises ValueError otherwise.
    """
    ip = ip_address(address) if isinstance(address, str) else address
    for hidden in _embedded(ip):
        if reason := _own_refusal(hidden):
            return f"{ip} stands for {hidden}, and {reason}"
    return None if _arrives_as_ipv4(ip) else _own_refusal(ip)


def _own_refusal(ip: Address) -> str | None:
    if ip in METADATA:
        return f"{ip} hands out a cloud machine's credentials"
    if ip.is_loopback:
        return f"{ip} is this machine itself"
    if any(ip in network for network in INSIDE):
        return f"{ip} is an address inside this machine's network"
    if ip.is_multicast or not ip.is_global or any(ip in network for network in NOWHERE):
        return f"{ip} is not an address on the public internet"
    if isinstance(ip, IPv6Address) and ip not in PUBLIC_V6:
        return f"{ip} is not an address on the public internet"
    return None


def _arrives_as_ipv4(ip: Address) -> bool:
    return isinstance(ip, IPv6Address) and (ip.ipv4_mapped is not None or ip in NAT64)


def _embedded(ip: Address) -> Iterator[IPv4Address]:
    """The IPv4 addresses that an IPv6 address of a public range leads to through a translator or a tunnel."""
    if not isinstance(ip, IPv6Address):
        return
    low = IPv4Address(int(ip) & 0xFFFF_FFFF)
    if _arrives_as_ipv4(ip) or int(ip) >> 32 & 0xFFFF_FFFF in ISATAP:
        yield low
    if ip.sixtofour is not None:
        yield ip.sixtofour
