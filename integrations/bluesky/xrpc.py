"""One server of the AT Protocol (a PDS), spoken to through the guarded door: the only module that loads the SDK.

The SDK's `Client` is not used: its login asks for a Bluesky profile, which a PDS without an AppView does not have, it
follows the DID document to whatever address stands there, and it keeps sessions in memory that we share between
processes. What is left, its methods, its HTTP client and its errors, stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

import httpx
from atproto_client import exceptions as sdk  # type: ignore[import-untyped]
from atproto_client.client.raw import ClientRaw  # type: ignore[import-untyped]
from atproto_client.client.session import get_session_pds_endpoint  # type: ignore[import-untyped]
from atproto_client.request import Request  # type: ignore[import-untyped]
from atproto_core.exceptions import AtProtocolError  # type: ignore[import-untyped]
from atproto_server.auth.jwt import get_jwt_payload  # type: ignore[import-untyped]

from integrations.bluesky.failures import CallFailed
from integrations.bluesky.records import COLLECTION, Blob, Record, to_bytes
from integrations.http.errors import FetchError

CONNECT_S = 5.0
TOTAL_S = 15.0
"""One call, from look-up to last byte. Shorter than a job's lease: see docs/decisions/0001."""
ANSWER_BYTES = 1_000_000
"""Longest answer; the largest of ours, a record, is under 100 kB."""

T = TypeVar("T")


class Door(Protocol):
    """What is needed of integrations.http.door.Door."""

    def transport(self, *, max_bytes: int, timeout_s: float) -> httpx.BaseTransport: ...


@dataclass(frozen=True, slots=True)
class Tokens:
    """A session: who it is for, and its two tokens. The refresh token is good for one refresh only."""

    did: str
    handle: str
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    home: str = ""
    """The address of the account's own server as its DID document says, "" when it does not."""


@dataclass(frozen=True, slots=True)
class Written:
    """A record on the server: its at:// URI and the hash of its content."""

    uri: str
    cid: str


class Pds:
    """The calls that we make, by their names in the lexicon com.atproto. Every one raises CallFailed."""

    def __init__(self, base_url: str, request: Request) -> None:
        self._xrpc = ClientRaw(base_url, request=request)

    def describe_server(self) -> str:
        """The server's DID."""
        return _called(lambda: str(self._xrpc.com.atproto.server.describe_server().did))

    def resolve_handle(self, handle: str) -> str | None:
        """The DID of a handle, None when nobody has it."""
        try:
            return _called(
                lambda: str(self._xrpc.com.atproto.identity.resolve_handle({"handle": handle}).did)
            )
        except CallFailed as failed:
            if failed.status == 400:
                return None
            raise

    def create_session(self, identifier: str, password: str) -> Tokens:
        """Signs in. A server allows this rarely (Bluesky: 30 in five minutes, 300 a day)."""
        data = {"identifier": identifier, "password": password}
        return _called(lambda: _tokens(self._xrpc.com.atproto.server.create_session(data)))

    def refresh_session(self, refresh_token: str) -> Tokens:
        """A new session for an old one, whose refresh token is used up by this."""
        headers = _bearer(refresh_token)
        return _called(lambda: _tokens(self._xrpc.com.atproto.server.refresh_session(headers=headers)))

    def get_session(self, token: str) -> str:
        """The handle of whoever the token belongs to."""
        return _called(lambda: str(self._xrpc.com.atproto.server.get_session(headers=_bearer(token)).handle))

    def upload_blob(self, token: str, data: bytes, kind: str) -> Blob:
        """kind: the MIME type. A blob that no record refers to is forgotten by the server after a while."""
        # Not by the SDK's upload_blob: it hands bytes to httpx in a way that httpx has deprecated.
        answer = self._post("com.atproto.repo.uploadBlob", token, data, kind)
        blob = answer.get("blob")
        if not isinstance(blob, dict):
            raise CallFailed("The server did not say where it put the picture", error="InvalidResponse")
        return blob

    def create_record(self, token: str, did: str, key: str, record: Record) -> Written:
        """Makes the post exist under `key`; if exactly it exists already, nothing happens.

        Raises CallFailed with the error InvalidSwap if something else stands under that key.
        """
        # putRecord, as createRecord answers 500 for a key that is taken. `swapRecord: null` says that there must be
        # no record yet; the SDK leaves out whatever is null, so the body is ours.
        body = {"repo": did, "collection": COLLECTION, "rkey": key, "record": record, "swapRecord": None}
        answer = self._post("com.atproto.repo.putRecord", token, to_bytes(body), "application/json")
        uri, cid = answer.get("uri"), answer.get("cid")
        if not (isinstance(uri, str) and isinstance(cid, str)):
            raise CallFailed("The server did not say what it did with the post", error="InvalidResponse")
        return Written(uri, cid)

    def get_record(self, did: str, key: str) -> Written | None:
        """None when there is no such post. Needs no session."""
        params = {"repo": did, "collection": COLLECTION, "rkey": key}
        try:
            return _called(lambda: _written(self._xrpc.com.atproto.repo.get_record(params)))
        except CallFailed as failed:
            if failed.error == "RecordNotFound":
                return None
            raise

    def delete_record(self, token: str, did: str, key: str) -> None:
        """Fine also when there is no such post."""
        data = {"repo": did, "collection": COLLECTION, "rkey": key}
        _called(lambda: self._xrpc.com.atproto.repo.delete_record(data, headers=_bearer(token)))

    def _post(self, name: str, token: str, content: bytes, kind: str) -> Mapping[str, Any]:
        headers = {**_bearer(token), "Content-Type": kind}
        answer = _called(lambda: self._xrpc.invoke_procedure(name, content=content, headers=headers).content)
        return answer if isinstance(answer, dict) else {}


class Servers:
    """Opens servers through one door; connections are kept and shared by all threads."""

    def __init__(self, door: Door, *, total_s: float = TOTAL_S) -> None:
        """total_s: > 0, for one call from look-up to last byte."""
        self._request = Request(
            transport=door.transport(max_bytes=ANSWER_BYTES, timeout_s=total_s),
            timeout=httpx.Timeout(total_s, connect=CONNECT_S),
            trust_env=False,
        )

    def at(self, base_url: str) -> Pds:
        return Pds(base_url, self._request)

    def close(self) -> None:
        self._request.close()


def token_ends(token: str) -> datetime | None:
    """When an access token runs out, None when it does not say (it need not be a JWT)."""
    with suppress(AtProtocolError, ValueError, OverflowError, OSError):
        if ends := get_jwt_payload(token).exp:
            return datetime.fromtimestamp(ends, UTC)
    return None


def _called(call: Callable[[], T]) -> T:
    """What the SDK answers, its errors turned into ours."""
    try:
        return call()
    except sdk.RequestErrorBase as error:
        raise _refusal(error) if error.response else _breakdown(error.__cause__ or error) from error
    except Exception as error:  # the SDK trips in many ways over what is no proper answer
        raise _breakdown(error) from error


def _refusal(error: sdk.RequestErrorBase) -> CallFailed:
    """From an answer whose status is no success."""
    answer = error.response
    name = getattr(answer.content, "error", None)
    message = getattr(answer.content, "message", None)
    failed = CallFailed(
        message if isinstance(message, str) and message else f"HTTP status {answer.status_code}",
        status=answer.status_code,
        error=name if isinstance(name, str) else "",
    )
    if isinstance(error, sdk.RateLimitExceededError):
        with suppress(ValueError, OverflowError, OSError):  # a header that holds no time
            failed.retry_after_s, failed.reset_at = error.retry_after, error.reset_at
    return failed


def _breakdown(cause: BaseException) -> CallFailed:
    """From a trip that brought no answer, or none that can be read."""
    if isinstance(cause, FetchError):
        return CallFailed(str(cause), sent=cause.sent, permanent=cause.permanent and not cause.sent)
    if isinstance(cause, httpx.TransportError):
        return CallFailed(f"The connection failed: {cause or type(cause).__name__}.")
    return CallFailed("The answer was not one of the AT Protocol", error="InvalidResponse")


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _tokens(session: Any) -> Tokens:
    if not session.access_jwt:
        raise ValueError("a session without an access token")
    return Tokens(
        did=session.did,
        handle=session.handle,
        access=session.access_jwt,
        refresh=session.refresh_jwt,
        home=get_session_pds_endpoint(session) or "",
    )


def _written(record: Any) -> Written:
    return Written(record.uri, record.cid or "")
