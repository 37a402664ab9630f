"""Connecting an account: everything that can be wrong with what a person typed is said here, field by field."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import httpx

from agents.errors import Invalid, TroupeError
from integrations.bluesky.facets import HANDLE
from integrations.bluesky.failures import CallFailed
from integrations.bluesky.session import Credentials, kept
from integrations.bluesky.xrpc import Door, Pds, Servers, Tokens

BLUESKY = "https://bsky.social"
"""Where people of Bluesky's own servers sign in; their accounts live on one of many servers behind it."""
BLUESKY_HOME = re.compile(r"https://[a-z0-9.-]+\.host\.bsky\.network")

HOST = re.compile(rb"[a-z0-9._:-]+")
"""A name or an address as httpx has it, in lower case and punycode."""

MARKS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Marks of writing direction, which come along invisibly when a handle is copied out of an app."""

APP_PASSWORDS = "Make one in Bluesky under Settings, Privacy and security, App passwords."


@dataclass(frozen=True, slots=True)
class Connected:
    """A verified account: what to keep in the open, and what belongs into the vault."""

    handle: str
    base_url: str
    external_id: str
    """The DID."""
    credentials: Credentials = field(repr=False)


class ConnectFailed(TroupeError):
    """The account was not connected, for a reason that lies with the server; nothing was changed."""

    code = "connect_failed"


def connect(base_url: str, handle: str, app_password: str, *, door: Door) -> Connected:
    """Signs in once and keeps the session.

    base_url: of the account's server, "" for Bluesky's own; "https://" may be left out.
    handle: with or without its @.  app_password: as Bluesky shows it; kept for when the session runs out for good.
    Raises Invalid with the field that is wrong, ConnectFailed when the server cannot just now. Blocks up to 90 s.
    """
    url, name, password = server_address(base_url), clean_handle(handle), app_password.strip()
    if not password:
        raise Invalid("The app password is empty.", remedy=APP_PASSWORDS, field="app_password")
    servers = Servers(door)
    try:
        tokens = _signed_in(servers.at(url), url, name, password)
    finally:
        servers.close()
    return Connected(
        handle=name if tokens.handle == "handle.invalid" else tokens.handle,
        base_url=_home(url, tokens),
        external_id=tokens.did,
        credentials=kept(tokens) | {"app_password": password},
    )


def server_address(text: str) -> str:
    """The origin of a server, as typed: "pds.example.com" → "https://pds.example.com".

    Plain http is for names that cannot be on the internet (RFC 6761), where the app password would be read on its way.
    Raises Invalid.
    """
    typed = text.strip() or BLUESKY
    try:
        url = httpx.URL(typed if "://" in typed else f"https://{typed}")
    except httpx.InvalidURL:
        url = httpx.URL("")
    more = url.userinfo or url.query or url.fragment or url.path.rstrip("/") not in {"", "/xrpc"}
    if url.scheme not in {"http", "https"} or not HOST.fullmatch(url.raw_host) or more:
        raise Invalid(
            f"{typed} is not the address of a server.",
            remedy="Give its host name, e.g. bsky.social, or leave it empty for Bluesky.",
            field="base_url",
        )
    if url.scheme == "http" and not _is_reserved(url.host):
        raise Invalid(
            f"{typed} is not encrypted, and the app password would travel in the open.",
            remedy=f"Use https://{url.host} instead.",
            field="base_url",
        )
    return str(url.copy_with(raw_path=b"/")).removesuffix("/")


def clean_handle(text: str) -> str:
    """Lower case, without @.  Raises Invalid."""
    handle = MARKS.sub("", text).strip().removeprefix("@").lower()
    if not HANDLE.fullmatch(handle):
        raise Invalid(
            f"{text.strip() or 'An empty text'} is not a handle.",
            remedy="A handle looks like ada.bsky.social or ada.example.com.",
            field="handle",
        )
    return handle


def _signed_in(pds: Pds, url: str, handle: str, password: str) -> Tokens:
    """In this order, so that the password goes to nothing but a server of the protocol that has heard of the handle."""
    try:
        pds.describe_server()
    except CallFailed as failed:
        raise _no_server(url, failed) from failed
    try:
        did = pds.resolve_handle(handle)
        if did is None:
            raise Invalid(f"Nobody has the handle {handle}.", remedy="Check the spelling.", field="handle")
        tokens = pds.create_session(handle, password)
    except CallFailed as failed:
        raise _no_session(url, handle, failed) from failed
    if tokens.did != did:
        raise Invalid(
            f"{handle} belongs to {did}, but {url} signs in {tokens.did}.",
            remedy="Give the server on which the account lives.",
            field="base_url",
        )
    return tokens


def _no_server(url: str, failed: CallFailed) -> TroupeError:
    if failed.permanent or not failed.sent:
        return Invalid(
            f"{url} cannot be used: {failed.message}.", remedy="Check the address.", field="base_url"
        )
    if failed.error == "InvalidResponse" or (
        failed.status is not None and failed.status in {*range(300, 429), 501}
    ):
        return Invalid(
            f"{url} answers, but not as a server of the AT Protocol does.",
            remedy="Give the server on which the account lives, or leave it empty for Bluesky.",
            field="base_url",
        )
    return _try_later(url, failed)


def _no_session(url: str, handle: str, failed: CallFailed) -> TroupeError:
    if failed.error == "AuthFactorTokenRequired":
        return Invalid(
            f"{url} wants to send {handle} a sign-in code by e-mail: that is the account's main password.",
            remedy=f"Use an app password. {APP_PASSWORDS}",
            field="app_password",
        )
    if failed.closes_the_account:
        return Invalid(f"{url} does not let {handle} in: {failed.message}.", field="handle")
    if failed.refuses_for_good:
        return Invalid(
            f"{url} does not accept this password for {handle}.",
            remedy=f"Check it, and that the account lives there. {APP_PASSWORDS}",
            field="app_password",
        )
    return _try_later(url, failed)


def _try_later(url: str, failed: CallFailed) -> ConnectFailed:
    return ConnectFailed(
        f"{url} cannot sign anybody in now: {failed.message}.", remedy="Try again in some minutes."
    )


def _home(url: str, tokens: Tokens) -> str:
    """Bluesky's sign-in host passes on what comes for an account; its own server answers at first hand.

    Any other address in a DID document is not followed: what the person typed is what is spoken to.
    """
    home = tokens.home.rstrip("/")
    return home if url == BLUESKY and BLUESKY_HOME.fullmatch(home) else url


def _is_reserved(host: str) -> bool:
    return host in {"localhost", "127.0.0.1", "::1"} or host.endswith((".localhost", ".test"))
