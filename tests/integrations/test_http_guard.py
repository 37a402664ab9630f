"""Which addresses the door goes to, and which not."""

from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.http.guard import refusal

PUBLIC = """
    1.1.1.1 8.8.8.8 93.184.216.34 172.15.255.255 172.32.0.0 100.63.255.255 100.128.0.0 192.0.1.1 223.255.255.255
    2001:4860:4860::8888 2606:4700:4700::1111 2a00:1450:4001::200e ::ffff:8.8.8.8 64:ff9b::8.8.8.8
"""

REFUSED = {
    "this machine itself": """
        127.0.0.1 127.255.255.254 ::1 ::ffff:127.0.0.1 64:ff9b::7f00:1 2002:7f00:1::
        2606:4700::5efe:7f00:1 2606:4700::200:5efe:127.0.0.1
    """,
    "credentials": """
        169.254.169.254 169.254.170.2 100.100.100.200 168.63.129.16 192.0.0.192 fd00:ec2::254 fd20:ce::254
        ::ffff:169.254.169.254 64:ff9b::a9fe:a9fe 2002:a9fe:a9fe::1 ::ffff:100.100.100.200
    """,
    "inside this machine's network": """
        10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255 192.168.1.1 169.254.0.1 100.64.0.1 100.127.255.255
        fe80::1 fe80::1%eth0 fc00::1 fdff::1 fec0::1 ::ffff:10.0.0.1 64:ff9b::c0a8:101 2002:a00:1::1
    """,
    "not an address on the public internet": """
        0.0.0.0 0.1.2.3 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 192.0.0.1 192.0.0.9 192.0.2.1
        198.18.0.1 198.51.100.1 203.0.113.1 192.88.99.1
        :: ::7f00:1 ::8.8.8.8 ::ffff:0:8.8.8.8 64:ff9b:1::8.8.8.8 100::1 2001::1 2001:db8::1 3fff::1 4000::1 5f00::1
        2001:0:4136:e378:8000:63bf:3fff:fdd2 2002:808:808::1 ff02::1 ff0e::1
    """,
}


@pytest.mark.parametrize("ip", PUBLIC.split())
def test_a_public_address_is_let_through(ip: str) -> None:
    assert refusal(ip) is None


@pytest.mark.parametrize(
    ("words", "ip"), [(words, ip) for words, ips in REFUSED.items() for ip in ips.split()]
)
def test_any_other_address_is_refused_with_its_reason(words: str, ip: str) -> None:
    assert words in (refusal(ip) or "")


def test_a_disguised_address_is_named() -> None:
    assert refusal("64:ff9b::a9fe:a9fe") == (
        "64:ff9b::a9fe:a9fe stands for 169.254.169.254, and 169.254.169.254 hands out a cloud machine's credentials"
    )


def test_a_name_is_no_address() -> None:
    with pytest.raises(ValueError, match="example"):
        refusal("example.com")


@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_a_disguise_changes_nothing(ip: IPv4Address) -> None:
    bare = refusal(ip)
    for prefix in ("::ffff:0:0", "64:ff9b::"):
        assert (refusal(IPv6Address(int(IPv6Address(prefix)) | int(ip))) is None) is (bare is None)
    if bare is not None:
        assert refusal(IPv6Address(0x2002 << 112 | int(ip) << 80 | 1))
        assert refusal(IPv6Address(0x2606_4700 << 96 | 0x5EFE << 32 | int(ip)))


@given(
    st.sampled_from(["10.0.0.0/8", "127.0.0.0/8", "192.168.0.0/16", "169.254.0.0/16", "224.0.0.0/3"]),
    st.data(),
)
def test_nothing_inside_is_ever_reached(network: str, data: st.DataObject) -> None:
    net = ip_network(network)
    first, last = int(net.network_address), int(net.broadcast_address)
    assert refusal(IPv4Address(data.draw(st.integers(first, last))))


@given(st.ip_addresses(v=6))
def test_no_ipv6_address_outside_the_public_block_is_reached(ip: IPv6Address) -> None:
    if refusal(ip) is None:
        assert int(ip) >> 125 == 1 or ip.ipv4_mapped or int(ip) >> 32 == 0x64FF9B << 64
        assert not ip.is_multicast
        assert not ip.is_private or ip.ipv4_mapped
