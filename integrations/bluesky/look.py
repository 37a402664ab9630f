"""Looking whether an account would let us in, without signing in: sign-ins are few (Bluesky: 300 a day)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from agents.clock import Clock
from agents.publishing.platform import Account, Vault
from integrations.bluesky.outcomes import outcomes
from integrations.bluesky.session import Credentials, Session
from integrations.bluesky.xrpc import Door, Servers

TOTAL_S = 10.0


def look(account: Account, vault: Vault, door: Door, clock: Clock) -> str:
    """The handle that the server knows it by. A session that is about to end is renewed, which is no sign-in.

    Raises SignInNeeded when the session is over, OutcomeUnknown when the server does not answer, and RateLimited.
    """
    servers = Servers(door, total_s=TOTAL_S)
    try:
        pds = servers.at(account.base_url)
        with outcomes(account, clock, refused="Nothing was to be sent."):
            return Session(account, pds, _WithoutPassword(vault), clock).call(pds.get_session)
    finally:
        servers.close()


class _WithoutPassword:
    """The vault as `Session` sees it when it may not sign in: no password to be had, and none lost."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def read(self, account_id: str) -> Credentials:
        return self._vault.read(account_id) | {"app_password": ""}

    def write(self, account_id: str, credentials: Credentials) -> None:
        kept = {"app_password": self._vault.read(account_id).get("app_password", "")}
        self._vault.write(account_id, credentials | kept)

    @contextmanager
    def locked(self, account_id: str) -> Iterator[None]:
        with self._vault.locked(account_id):
            yield
