"""A real Bluesky PDS with its PLC directory, behind a relay that misbehaves on demand."""

from __future__ import annotations

import contextlib
import itertools
import json
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.servers.node import node, packages
from tests.servers.processes import LOOPBACK, Process, free_port, scratch
from tests.servers.relay import Answer, Relay

HERE = Path(__file__).parent
POSTS = "app.bsky.feed.post"
ADMIN = ("admin", "admin-pass")  # the dev-env's own


@dataclass(frozen=True, slots=True)
class Account:
    handle: str  # ends in .test, as every handle of this server
    did: str
    password: str
    app_password: str


class Pds:
    """What a test holds in its hand.

    url: what a client is given and what the accounts' DID documents name: the relay's address.
    server: the process behind it, to be paused, killed and started; it comes back with its data.
    relay: its faults, and what came through. The methods below go past it, straight to the server.
    """

    def __init__(self, server: Process, relay: Relay, http: httpx.Client) -> None:
        self.url = f"http://localhost:{relay.port}"
        self.server, self.relay, self._http = server, relay, http
        self._numbers = itertools.count(1)

    def account(self, name: str = "ada") -> Account:
        """A new account with an app password. name: 1-10 letters; a number is put behind it."""
        handle, password = (
            f"{name}-{next(self._numbers)}-{secrets.token_hex(2)}.test",
            secrets.token_urlsafe(12),
        )
        made = self.call(
            "com.atproto.server.createAccount",
            handle=handle,
            password=password,
            email=f"{handle}@example.com",
        )
        app = self.call("com.atproto.server.createAppPassword", token=made["accessJwt"], name="tests")
        return Account(handle, made["did"], password, app["password"])

    def records(self, did: str, collection: str = POSTS) -> list[dict[str, Any]]:
        """All records of the collection, oldest first, each with `uri`, `cid`, `value`."""
        found: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            page = self.read(
                "com.atproto.repo.listRecords",
                repo=did,
                collection=collection,
                limit="100",
                reverse="true",
                **cursor,
            )
            found += page["records"]
            if not page.get("cursor"):
                return found
            cursor = {"cursor": page["cursor"]}

    def record(self, did: str, rkey: str, collection: str = POSTS) -> dict[str, Any] | None:
        """One record with `uri`, `cid`, `value`, or None."""
        where = {"repo": did, "collection": collection, "rkey": rkey}
        response = self._http.get("/xrpc/com.atproto.repo.getRecord", params=where)
        if response.status_code == 400 and response.json()["error"] == "RecordNotFound":
            return None
        return _json(response)

    def delete(self, account: Account, rkey: str, collection: str = POSTS) -> None:
        """As a person would in another app, behind our back."""
        self.call(
            "com.atproto.repo.deleteRecord",
            token=self.token(account),
            repo=account.did,
            collection=collection,
            rkey=rkey,
        )

    def revoke(self, account: Account) -> None:
        """Takes the app password back: sessions made with it end."""
        self.call("com.atproto.server.revokeAppPassword", token=self.token(account), name="tests")

    def token(self, account: Account) -> str:
        """An access token from a new session with the account's own password."""
        made = self.call(
            "com.atproto.server.createSession", identifier=account.did, password=account.password
        )
        return str(made["accessJwt"])

    def call(self, method: str, *, token: str | None = None, **body: Any) -> dict[str, Any]:
        """An XRPC procedure. Raises httpx.HTTPStatusError."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return _json(self._http.post(f"/xrpc/{method}", json=body, headers=headers))

    def read(self, method: str, **params: str) -> dict[str, Any]:
        """An XRPC query. Raises httpx.HTTPStatusError."""
        return _json(self._http.get(f"/xrpc/{method}", params=params))

    def fails(self, status: int = 500, *, path: str = "", times: int | None = None) -> None:
        self._refuses(status, "InternalServerError", "Internal Server Error", path=path, times=times)

    def unauthorized(self, *, path: str = "", times: int | None = None) -> None:
        """401 to everything, as after a changed password."""
        self._refuses(401, "AuthenticationRequired", "Authentication Required", path=path, times=times)

    def rate_limited(self, reset_s: int = 30, *, path: str = "", times: int | None = None) -> None:
        """429 with the headers of the PDS itself, which sends no Retry-After. reset_s: seconds until more is allowed."""
        headers = [
            ("RateLimit-Limit", "1666"),
            ("RateLimit-Remaining", "0"),
            ("RateLimit-Reset", str(int(time.time()) + reset_s)),
            ("RateLimit-Policy", "1666;w=3600"),
        ]
        self._refuses(429, "RateLimitExceeded", "Rate Limit Exceeded", *headers, path=path, times=times)

    def _refuses(
        self, status: int, error: str, message: str, *headers: tuple[str, str], path: str, times: int | None
    ) -> None:
        body = json.dumps({"error": error, "message": message}).encode()
        self.relay.answer(
            Answer(status, [("Content-Type", "application/json"), *headers], body), path=path, times=times
        )

    def calm(self) -> None:
        """Up, running, no faults, nothing seen: as new, but for the accounts."""
        self.relay.calm()
        if self.server.running:
            self.server.resume()
        self.server.start()
        self.relay.seen.clear()


def _json(response: httpx.Response) -> dict[str, Any]:
    response.raise_for_status()
    return dict(response.json()) if response.content else {}


@contextlib.contextmanager
def running() -> Iterator[Pds]:
    """Starts directory, server and relay. Raises ServerError when Node or its packages cannot be had."""
    plc_port, pds_port = free_port(), free_port()
    with (
        scratch("pds") as folder,
        _process("plc", plc_port, folder, PORT=str(plc_port)),
        Relay(pds_port) as relay,
        _http(pds_port) as http,
        _process(
            "pds",
            pds_port,
            folder,
            PORT=str(relay.port),
            LISTEN_PORT=str(pds_port),
            PLC_URL=f"http://{LOOPBACK}:{plc_port}",
            ROTATION_KEY=secrets.token_hex(32),
        ) as server,
    ):
        yield Pds(server, relay, http)


@contextlib.contextmanager
def _process(role: str, port: int, folder: Path, **env: str) -> Iterator[Process]:
    health = {"plc": "/_health", "pds": "/xrpc/_health"}[role]
    env |= {"NODE_MODULES": str(packages()), "DATA": str(folder), "TMPDIR": str(folder)}
    argv = [node().binary, "-r", HERE / "loopback.cjs", HERE / "pds.cjs", role]
    with (
        _http(port) as http,
        Process(
            argv, log=folder / f"{role}.log", ready=lambda: http.get(health).is_success, env=env
        ) as process,
    ):
        yield process


def _http(port: int) -> httpx.Client:
    """Keeps no connection between calls: the server may have been killed since the last one."""
    return httpx.Client(
        base_url=f"http://{LOOPBACK}:{port}",
        timeout=30,
        trust_env=False,
        limits=httpx.Limits(max_keepalive_connections=0),
    )
