"""Addresses that a page, a mail or a model might want read: not one of them gets past the guard."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import pytest

from agents.tasks.toolbox.offer import given
from agents.tasks.toolbox.web import read_page
from agents.tasks.tools import ToolFailed
from integrations.http.door import Door
from integrations.http.resolve import Resolved, SystemResolver
from integrations.web.web import Web
from tests.integrations.town import Town, redirect, reply
from tests.tasks.outside import Notebook, bench

SECRET = b"<html><title>inside</title><body>the keys of the house</body></html>"

NAMES = {  # what a name service that the attacker owns would answer
    "127.0.0.1.nip.io": ["127.0.0.1"],
    "localtest.me": ["127.0.0.1"],
    "metadata.google.internal": ["169.254.169.254"],
    "instance-data": ["169.254.169.254"],
    "one-bad.example": ["93.184.216.34", "10.0.0.5"],
    "bad-six.example": ["2606:4700:4700::1111", "fd00::1"],
    "mapped.example": ["::ffff:10.0.0.1"],
    "nat64.example": ["64:ff9b::a9fe:a9fe"],
    "sixtofour.example": ["2002:7f00:1::"],
    "teredo.example": ["2001:0:4136:e378:8000:63bf:3fff:fdd2"],
    "zone.example": ["fe80::1%eth0"],
    "multicast.example": ["224.0.0.251"],
    "zero.example": ["0.0.0.0"],  # noqa: S104  where nobody shall go
    "carrier.example": ["100.64.1.1"],
    "oracle.example": ["192.0.0.192"],
    "alibaba.example": ["100.100.100.200"],
    "azure.example": ["168.63.129.16"],
}

TABLE = """
    http://127.0.0.1/                       http://127.1/                        http://127.8.9.10/
    http://localhost/                       http://localhost./                   http://LOCALHOST/
    http://0/                               http://0.0.0.0/                      http://[::]/
    http://[::1]/                           http://[0:0:0:0:0:0:0:1]/            http://[::ffff:127.0.0.1]/
    http://[::ffff:7f00:1]/                 http://[::127.0.0.1]/                http://[::ffff:0:127.0.0.1]/
    http://[64:ff9b::7f00:1]/               http://[64:ff9b::169.254.169.254]/   http://[64:ff9b:1::a00:1]/
    http://[2002:7f00:1::]/                 http://[2002:a9fe:a9fe::1]/          http://[2001::1]/
    http://[fe80::1]/                       http://[fe80::1%25lo]/               http://[fc00::1]/
    http://[fec0::1]/                       http://[ff02::1]/                    http://[fd00:ec2::254]/
    http://2130706433/                      http://0x7f000001/                   http://017700000001/
    http://0x7f.0.0.1/                      http://0177.0.0.1/                   http://127.0.0.1./
    http://2852039166/latest/meta-data/     http://0xa9fea9fe/                   http://0251.0376.0251.0376/
    http://169.254.169.254/latest/          http://169.254.170.2/v2/credentials  http://100.100.100.200/latest/
    http://192.0.0.192/opc/v2/              http://168.63.129.16/metadata        http://metadata.google.internal/
    http://10.0.0.1/                        http://172.16.0.1/                   http://172.31.255.255/
    http://192.168.1.1/                     http://100.64.0.1/                   http://198.18.0.1/
    http://192.0.2.1/                       http://240.0.0.1/                    http://255.255.255.255/
    http://224.0.0.1/                       http://239.255.255.250:80/           http://192.88.99.1/
    http://①②⑦.⓪.⓪.①/                       http://１２７.０.０.１/               http://127。0。0。1/
    http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/                      http://%31%32%37.0.0.1/              http://127.0.0.1%23@town.example/
    http://town.example@127.0.0.1/          http://127.0.0.1@town.example/       http://user:pass@town.example/
    http://town.example:pass@10.0.0.1/      http://127.0.0.1\\@town.example/     http://town.example\\@127.0.0.1/
    http://town.example:22/                 http://town.example:6379/            http://town.example:8080/
    http://town.example:0/                  http://town.example:65536/           https://town.example:80443/
    http://127.0.0.1:80#@town.example/      http://127.0.0.1?@town.example/      http:///town.example/
    file:///etc/passwd                      file://town.example/etc/passwd       gopher://town.example:80/_GET
    ftp://town.example/                     data:text/html,<b>hi</b>             javascript:alert(1)
    dict://town.example:11211/stat          ldap://town.example/                 jar:http://town.example!/
    unix:///var/run/docker.sock             blob:http://town.example/1           view-source:http://town.example/
    about:blank                             //town.example/                      town.example
    http://                                 http://[                             http://[::1
    http://one-bad.example/                 http://bad-six.example/              http://mapped.example/
    http://nat64.example/                   http://sixtofour.example/            http://teredo.example/
    http://zone.example/                    http://multicast.example/            http://zero.example/
    http://carrier.example/                 http://oracle.example/               http://alibaba.example/
    http://azure.example/                   http://127.0.0.1.nip.io/             http://localtest.me/
    http://instance-data/latest/
"""
HOSTILE = TABLE.split()


class Hostile(Town):
    """A name service in the attacker's hands; numbers are read as the system reads them."""

    def __init__(self) -> None:
        super().__init__()
        self.others.update(NAMES)
        self.pages("town.example", index=reply(SECRET))

    def resolve(self, host: str, port: int) -> Sequence[Resolved]:
        try:
            return super().resolve(host, port)
        except socket.gaierror:
            if _is_name(host) and not host.lower().strip(".").endswith("localhost"):
                raise
            return SystemResolver().resolve(host, port)


def told(url: str, town: Town) -> str:
    """What the persona is told that asks for it. What was refused is no source."""
    record = Notebook()
    at = bench(Path("/nonexistent"), {"web": Web(Door(town))}, record=record)
    try:
        return read_page.run(given(read_page, {"url": url}), at)
    except ToolFailed:
        assert not record.cited
        raise


def _is_name(host: str) -> bool:
    """Whether the real resolver would ask a name server, which a test must not."""
    try:
        socket.inet_aton(host.rstrip("."))
    except (OSError, UnicodeEncodeError):
        return ":" not in host
    return False


class Rebinding(Hostile):
    """Says something harmless when it is asked first, and this machine from then on."""

    def resolve(self, host: str, port: int) -> Sequence[Resolved]:
        if host != "rebind.example":
            return super().resolve(host, port)
        self.asked.append(host)
        first = self.asked.count(host) == 1
        if first:
            return [Resolved("127.0.0.1", self._servers["town.example"].port, trusted=True)]
        return [Resolved("127.0.0.1", self._servers["town.example"].port)]


@pytest.fixture
def town() -> Iterator[Hostile]:
    town = Hostile()
    yield town
    town.close()


@pytest.fixture
def rebinding() -> Iterator[Rebinding]:
    town = Rebinding()
    yield town
    town.close()


@pytest.mark.parametrize("url", HOSTILE)
def test_a_hostile_address_is_refused_in_words_and_nobody_is_asked(url: str, town: Hostile) -> None:
    with pytest.raises(ToolFailed) as refused:
        told(url, town)
    assert str(refused.value).endswith((".", "?"))
    assert not town._servers["town.example"].heard


def test_the_table_is_long_enough() -> None:
    assert len(set(HOSTILE)) == len(HOSTILE) >= 100


def test_the_same_door_reads_the_town_itself(town: Hostile) -> None:
    """Otherwise the table above would prove nothing."""
    assert "keys of the house" in told("http://town.example/", town)


@pytest.mark.parametrize(
    "location",
    [
        *("http://127.0.0.1/", "http://169.254.169.254/latest/meta-data/", "http://[::ffff:10.0.0.1]/"),
        *("http://2130706433/", "//10.0.0.1/", "http://localtest.me/", "http://one-bad.example/"),
        *("file:///etc/passwd", "gopher://town.example/", "data:text/html,x", "http://town.example:22/"),
        *("http://user@town.example/", "http://[64:ff9b::a9fe:a9fe]/", "http://①②⑦.⓪.⓪.①/", "http://["),
    ],
)
@pytest.mark.parametrize("status", ["301 Moved", "307 Temporary Redirect"])
def test_a_redirect_to_a_hostile_address_is_refused(location: str, status: str, town: Hostile) -> None:
    town.serve("lure.example", reply(status=status, location=location.encode().decode("latin-1")))
    with pytest.raises(ToolFailed):
        told("http://lure.example/", town)
    assert not town._servers["town.example"].heard


def test_the_last_of_many_redirects_is_checked_like_the_first(town: Hostile) -> None:
    town.serve("a.example", redirect("http://b.example/"))
    town.serve("b.example", redirect("http://c.example/"))
    town.serve("c.example", redirect("http://10.0.0.1/"))
    with pytest.raises(ToolFailed, match=r"10\.0\.0\.1"):
        told("http://a.example/", town)


def test_a_name_is_looked_up_once_and_the_connection_goes_where_was_checked(rebinding: Rebinding) -> None:
    town = rebinding
    assert "keys" in told("http://rebind.example/", town)
    assert town.asked.count("rebind.example") == 1
    with pytest.raises(ToolFailed, match="this machine itself"):
        told("http://rebind.example/", town)
    assert len(town._servers["town.example"].heard) == 1


def test_a_redirect_to_its_own_name_is_looked_up_and_checked_again(rebinding: Rebinding) -> None:
    town = rebinding
    town._servers["town.example"].answer = lambda heard: redirect("http://rebind.example/again")
    with pytest.raises(ToolFailed, match="this machine itself"):
        told("http://rebind.example/", town)
    assert [heard.path for heard in town._servers["town.example"].heard] == ["/"]


@pytest.mark.parametrize("inner", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.0.1", "100.64.0.9"])
@pytest.mark.parametrize("prefix", ["::ffff:0:0", "64:ff9b::", "64:ff9b:1::", "::ffff:0:0:0", "::"])
def test_no_private_address_gets_through_in_an_ipv6_one(inner: str, prefix: str, town: Hostile) -> None:
    disguised = IPv6Address(int(IPv6Address(prefix)) | int(IPv4Address(inner)))
    with pytest.raises(ToolFailed):
        told(f"http://[{disguised}]/", town)
