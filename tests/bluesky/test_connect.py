"""Connecting an account, and what a person is told who got something wrong."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.errors import Invalid
from agents.publishing.platform import Account
from integrations.bluesky.connect import ConnectFailed, clean_handle, connect, server_address
from integrations.bluesky.publisher import public_url
from integrations.http.door import Door
from tests.bluesky.cast import Scripted, open_door
from tests.servers.pds import Account as Member
from tests.servers.pds import Pds
from tests.servers.relay import Answer

JSON = [("Content-Type", "application/json")]


@pytest.fixture(scope="module")
def cara(pds_process: Pds) -> Member:
    return pds_process.account("cara")


def refused(field: str, pds: Pds | str, handle: str, password: str, door: Door | None = None) -> Invalid:
    url = pds if isinstance(pds, str) else pds.url
    with pytest.raises(Invalid) as error:
        connect(url, handle, password, door=door or open_door())
    assert error.value.field == field
    assert password not in str(error.value)
    return error.value


def signed_in(pds: Pds) -> bool:
    return any("createSession" in exchange.path for exchange in pds.relay.seen)


def test_an_account_is_connected(pds: Pds, cara: Member) -> None:
    connected = connect(
        f" {pds.url}/ ", f" @{cara.handle.upper()}\u202c", f" {cara.app_password} ", door=open_door()
    )
    assert (connected.base_url, connected.handle, connected.external_id) == (pds.url, cara.handle, cara.did)
    assert connected.credentials["app_password"] == cara.app_password
    assert connected.credentials.keys() == {"access_jwt", "refresh_jwt", "app_password"}
    assert all(secret not in repr(connected) for secret in connected.credentials.values())


def test_a_wrong_password(pds: Pds, cara: Member) -> None:
    error = refused("app_password", pds, cara.handle, "aaaa-bbbb-cccc-dddd")
    assert "does not accept this password" in error.what
    assert "App passwords" in error.remedy


def test_no_password_is_not_tried(pds: Pds, cara: Member) -> None:
    refused("app_password", pds, cara.handle, "  ")
    assert pds.relay.seen == []


def test_a_handle_that_nobody_has(pds: Pds) -> None:
    assert "Nobody has the handle" in refused("handle", pds, "nobody.test", "aaaa-bbbb-cccc-dddd").what
    assert not signed_in(pds)


def test_a_main_password_with_a_code_by_mail(pds: Pds, cara: Member) -> None:
    body = b'{"error":"AuthFactorTokenRequired","message":"A sign in code has been sent"}'
    pds.relay.answer(Answer(401, JSON, body), path="createSession")
    assert "Use an app password" in refused("app_password", pds, cara.handle, cara.password).remedy


def test_an_account_that_was_taken_down(pds: Pds, cara: Member) -> None:
    body = b'{"error":"AccountTakedown","message":"Account has been taken down"}'
    pds.relay.answer(Answer(401, JSON, body), path="createSession")
    assert "taken down" in refused("handle", pds, cara.handle, cara.app_password).what


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        (200, "text/html", b"<h1>Hi"),
        (404, "text/html", b"Gone"),
        (200, "application/json", b"{}"),
        (501, "x/y", b""),
    ],
)
def test_a_server_of_another_kind_never_sees_the_password(
    pds: Pds, cara: Member, status: int, kind: str, body: bytes
) -> None:
    pds.relay.answer(Answer(status, [("Content-Type", kind)], body), path="describeServer")
    assert (
        "not as a server of the AT Protocol" in refused("base_url", pds, cara.handle, cara.app_password).what
    )
    assert not signed_in(pds)


def test_a_redirect_never_carries_the_password_away(pds: Pds, cara: Member) -> None:
    elsewhere = f"http://localhost:{pds.relay.target}/xrpc/com.atproto.server.createSession"
    pds.relay.answer(Answer(307, [("Location", elsewhere)]), path="createSession")
    with pytest.raises(ConnectFailed, match="nothing was sent there"):
        connect(pds.url, cara.handle, cara.app_password, door=open_door())


@pytest.mark.parametrize("url", ["http://127.0.0.1", "https://169.254.169.254", "https://localhost"])
def test_an_address_inside_is_refused(url: str) -> None:
    assert "only fetches public addresses" in refused("base_url", url, "cara.test", "aaaa", Door()).what


def test_a_port_that_is_not_the_webs_is_refused() -> None:
    assert "Port 8443" in refused("base_url", "https://example.com:8443", "cara.test", "aaaa", Door()).what


def test_a_server_that_is_not_there() -> None:
    assert "localhost:9" in refused("base_url", "http://localhost:9", "cara.test", "aaaa").what


@pytest.mark.parametrize("path", ["describeServer", "resolveHandle", "createSession"])
def test_a_server_that_cannot_now(pds: Pds, cara: Member, path: str) -> None:
    for trouble in (pds.fails, pds.rate_limited):
        trouble(path=path, times=1)
        with pytest.raises(ConnectFailed, match="Try again"):
            connect(pds.url, cara.handle, cara.app_password, door=open_door())


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("", "https://bsky.social"),
        (" bsky.social ", "https://bsky.social"),
        ("https://PDS.Example.com/", "https://pds.example.com"),
        ("https://pds.example.com/xrpc", "https://pds.example.com"),
        ("http://localhost:2583", "http://localhost:2583"),
    ],
)
def test_the_address_of_a_server(typed: str, url: str) -> None:
    assert server_address(typed) == url


@pytest.mark.parametrize(
    "typed",
    [
        "http://pds.example.com",
        "ftp://pds.example.com",
        "https://",
        "https://ada:secret@pds.example.com",
        "https://pds.example.com/profile/ada",
        "https://pds.example.com?x=1",
        "https://pds.example.com#x",
        "https://[::1",
        "not an address",
    ],
)
def test_what_is_no_address_of_a_server(typed: str) -> None:
    with pytest.raises(Invalid) as error:
        server_address(typed)
    assert error.value.field == "base_url"


@given(st.text())
def test_whatever_is_typed_is_understood_or_refused_in_words(text: str) -> None:
    for read in (server_address, clean_handle):
        try:
            assert read(read(text)) == read(text)
        except Invalid as error:
            assert error.field in {"base_url", "handle"}


@pytest.mark.parametrize(
    "text", ["", "@", "ada", "ada@example.com", "ada.", "-ada.test", "https://bsky.app/profile/ada"]
)
def test_what_is_no_handle(text: str) -> None:
    with pytest.raises(Invalid, match="not a handle"):
        clean_handle(text)


def bluesky(endpoint: str, did: str = "did:plc:ewvi7nxzyoun6zhxrhs64oiz") -> httpx.MockTransport:
    """bsky.social as it answers a sign-in; `endpoint` is the account's own server by its DID document."""
    service = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": endpoint}
    session = {
        "did": did,
        "didDoc": {"id": did, "service": [service]},
        "handle": "ada.bsky.social",
        "accessJwt": "access",
        "refreshJwt": "refresh",
    }
    answers: dict[str, Any] = {
        "describeServer": {"did": "did:web:bsky.social", "availableUserDomains": [".bsky.social"]},
        "resolveHandle": {"did": "did:plc:ewvi7nxzyoun6zhxrhs64oiz"},
        "createSession": session,
    }
    return httpx.MockTransport(
        lambda request: httpx.Response(200, json=answers[request.url.path.rpartition(".")[2]])
    )


@pytest.mark.parametrize(
    ("endpoint", "base_url"),
    [
        ("https://morel.us-east.host.bsky.network", "https://morel.us-east.host.bsky.network"),
        ("http://morel.us-east.host.bsky.network", "https://bsky.social"),
        ("https://host.bsky.network.evil.example", "https://bsky.social"),
        ("https://pds.example.com", "https://bsky.social"),
        ("https://x.host.bsky.network@evil.example", "https://bsky.social"),
        ("https://[::1", "https://bsky.social"),
        ("nonsense", "https://bsky.social"),
    ],
)
def test_an_account_of_bluesky_lives_on_one_of_its_own_servers(endpoint: str, base_url: str) -> None:
    connected = connect("", "ada.bsky.social", "aaaa", door=Scripted(bluesky(endpoint)))
    assert connected.base_url == base_url
    account = Account("1", "p", "bluesky", connected.handle, connected.base_url, connected.external_id)
    assert (
        public_url(account, "3jzfcijpj2z2a") == "https://bsky.app/profile/ada.bsky.social/post/3jzfcijpj2z2a"
    )


def test_a_server_of_ones_own_is_not_left() -> None:
    door = Scripted(bluesky("https://morel.us-east.host.bsky.network"))
    assert (
        connect("pds.example.com", "ada.example.com", "aaaa", door=door).base_url == "https://pds.example.com"
    )


def test_a_server_that_signs_in_somebody_else() -> None:
    with pytest.raises(Invalid, match="did:plc:other") as error:
        connect("", "ada.bsky.social", "aaaa", door=Scripted(bluesky("https://x.example", "did:plc:other")))
    assert error.value.field == "base_url"
