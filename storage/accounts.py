"""Accounts of personas, and the vault that holds their credentials."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, or_, select, update

from agents.clock import Clock
from agents.errors import NotFound
from agents.publishing.platform import Account
from storage.columns import new_id
from storage.rows import attempt, one, put
from storage.secrets import Box
from storage.tables import AccountRow

LOCK_LIVES = timedelta(seconds=30)
"""A refresh takes a second; a holder that died is overtaken after this."""


class Accounts:
    def __init__(self, connection: Connection, box: Box) -> None:
        self._connection = connection
        self._box = box

    def connect(
        self,
        persona_id: str,
        platform: str,
        handle: str,
        credentials: dict[str, str],
        now: datetime,
        *,
        base_url: str = "",
        external_id: str = "",
    ) -> Account:
        """A new account, or the same one with fresh credentials when it is connected again."""
        row = AccountRow
        same = select(row.id).where(
            row.persona_id == persona_id,
            row.platform == platform,
            row.handle == handle,
            row.base_url == base_url,
        )
        id = self._connection.execute(same).scalar()
        sealed = self._box.seal(credentials)
        if id is None:
            id = new_id()
            put(
                self._connection,
                row,
                id=id,
                persona_id=persona_id,
                platform=platform,
                handle=handle,
                base_url=base_url,
                external_id=external_id,
                state="connected",
                credentials=sealed,
                locked_by="",
                created_at=now,
            )
        else:
            changes = {"credentials": sealed, "external_id": external_id, "state": "connected"}
            self._connection.execute(update(row).where(row.id == id).values(**changes))
        return self.get(id)

    def get(self, id: str) -> Account:
        return _account(one(self._connection, _ACCOUNT, "There is no such account.", is_=id))

    def of(self, persona_id: str) -> list[Account]:
        query = _ACCOUNTS.where(AccountRow.persona_id == persona_id, AccountRow.state != "disconnected")
        return [_account(row) for row in self._connection.execute(query.order_by(AccountRow.created_at))]

    def on(self, persona_id: str, platform: str) -> Account:
        """The persona's account there. Raises NotFound naming what it has."""
        accounts = self.of(persona_id)
        for account in accounts:
            if account.platform == platform:
                return account
        has = ", ".join(sorted({a.platform for a in accounts})) or "no account yet"
        raise NotFound(
            f"This persona has no account on {platform}; it has {has}.",
            remedy=f"Connect one with /persona connect, or ./troupe connect {platform}.",
            field="on",
        )

    def mark(self, id: str, state: str) -> None:
        """state: connected, sign_in_needed or disconnected (then its credentials are forgotten)."""
        changes: dict[str, Any] = {"state": state}
        if state == "disconnected":
            changes["credentials"] = self._box.seal({})
        attempt(self._connection, AccountRow, AccountRow.id == id, values=changes)

    def reseal_all(self) -> int:
        """Every credential under the newest key; how many there were."""
        rows = self._connection.execute(select(AccountRow.id, AccountRow.credentials)).all()
        for row in rows:
            sealed = self._box.reseal(row.credentials)
            attempt(self._connection, AccountRow, AccountRow.id == row.id, values={"credentials": sealed})
        return len(rows)


class Vault:
    """Credentials, read and written outside of any unit of work: what a platform gave us must be kept at once."""

    def __init__(
        self, engine: Engine, box: Box, clock: Clock, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._engine, self._box, self._clock, self._sleep = engine, box, clock, sleep

    def read(self, account_id: str) -> dict[str, str]:
        query = select(AccountRow.credentials).where(AccountRow.id == account_id)
        with self._engine.connect().execution_options(reading=True) as connection:
            sealed = connection.execute(query).scalar()
        if sealed is None:
            raise NotFound("There is no such account.")
        return self._box.open(sealed)

    def write(self, account_id: str, credentials: dict[str, str]) -> None:
        sealed = self._box.seal(credentials)
        with self._engine.begin() as connection:
            attempt(connection, AccountRow, AccountRow.id == account_id, values={"credentials": sealed})

    @contextmanager
    def locked(self, account_id: str) -> Iterator[None]:
        """One holder over all processes. Raises TimeoutError after waiting for LOCK_LIVES."""
        holder = new_id()
        give_up = time.monotonic() + LOCK_LIVES.total_seconds()
        while not self._take(account_id, holder):
            if time.monotonic() > give_up:
                raise TimeoutError(f"account {account_id} stayed locked")
            self._sleep(0.05)
        try:
            yield
        finally:
            with self._engine.begin() as connection:
                mine = (AccountRow.id == account_id, AccountRow.locked_by == holder)
                attempt(connection, AccountRow, *mine, values={"locked_by": "", "locked_until": None})

    def _take(self, account_id: str, holder: str) -> bool:
        now = self._clock()
        free = or_(AccountRow.locked_by == "", AccountRow.locked_until < now)
        with self._engine.begin() as connection:
            values = {"locked_by": holder, "locked_until": now + LOCK_LIVES}
            return attempt(connection, AccountRow, AccountRow.id == account_id, free, values=values)


_FIELDS = ("id", "persona_id", "platform", "handle", "base_url", "external_id", "state")
_ACCOUNTS = select(*(AccountRow.__table__.c[name] for name in _FIELDS))
_ACCOUNT = _ACCOUNTS.where(AccountRow.id == bindparam("is_"))


def _account(row: Any) -> Account:
    return Account(**{name: getattr(row, name) for name in _FIELDS})
