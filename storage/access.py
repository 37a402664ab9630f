"""What lets somebody in: one-time codes, browser sessions, API keys. Only hashes are kept."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, select, update

from agents.errors import Conflict, NotFound, NotSignedIn
from agents.people import Role
from storage.columns import new_id
from storage.rows import attempt, put
from storage.tables import ApiKeyRow, OneTimeCodeRow, SessionRow

SIGN_IN_LINK_LIVES = timedelta(minutes=30)
SESSION_LIVES = timedelta(days=30)
KEY_PREFIX = "troupe_"
"""So that secret scanners and people recognise a key."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    id: str
    name: str
    person_id: str
    role: Role
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


def _hash(token: str) -> str:
    """Plain SHA-256 is enough: tokens hold 256 random bits, there is nothing to guess."""
    return sha256(token.encode()).hexdigest()


class Access:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def new_code(
        self,
        person_id: str,
        now: datetime,
        *,
        purpose: str = "sign_in",
        lives: timedelta = SIGN_IN_LINK_LIVES,
    ) -> str:
        """A secret that works once, until `lives` is over."""
        code = secrets.token_urlsafe(24)
        put(
            self._connection,
            OneTimeCodeRow,
            hash=_hash(code),
            purpose=purpose,
            person_id=person_id,
            created_at=now,
            expires_at=now + lives,
        )
        return code

    def use_code(self, code: str, now: datetime, *, purpose: str = "sign_in") -> str:
        """The person's id. Raises NotSignedIn saying whether it is unknown, used or expired."""
        query = select(OneTimeCodeRow.__table__).where(
            OneTimeCodeRow.hash == _hash(code), OneTimeCodeRow.purpose == purpose
        )
        row = self._connection.execute(query).first()
        fresh = "Get a new one with ./troupe sign-in, or ask Troupe in your chat."
        if row is None:
            raise NotSignedIn("This link is not one of this installation's.", remedy=fresh)
        if row.used_at is not None:
            raise NotSignedIn("This link was used already; each works once.", remedy=fresh)
        if now >= row.expires_at:
            raise NotSignedIn("This link has expired.", remedy=fresh)
        unused = (OneTimeCodeRow.hash == row.hash, OneTimeCodeRow.used_at.is_(None))
        if not attempt(self._connection, OneTimeCodeRow, *unused, values={"used_at": now}):
            raise NotSignedIn("This link was used already; each works once.", remedy=fresh)
        person_id: str = row.person_id
        return person_id

    def open_session(self, person_id: str, now: datetime) -> str:
        """The cookie's token."""
        token = secrets.token_urlsafe(32)
        put(
            self._connection,
            SessionRow,
            hash=_hash(token),
            person_id=person_id,
            created_at=now,
            expires_at=now + SESSION_LIVES,
        )
        return token

    def session_person(self, token: str, now: datetime) -> str | None:
        """The id of who is signed in with it, None if nobody (any more)."""
        query = select(SessionRow.person_id).where(
            SessionRow.hash == _hash(token), SessionRow.revoked_at.is_(None), SessionRow.expires_at > now
        )
        return self._connection.execute(query).scalar()

    def sign_out(self, token: str, now: datetime) -> None:
        attempt(self._connection, SessionRow, SessionRow.hash == _hash(token), values={"revoked_at": now})

    def sign_out_everywhere(self, person_id: str, now: datetime) -> int:
        """How many browsers were signed out; unused links of theirs die too."""
        self._connection.execute(
            update(OneTimeCodeRow)
            .where(OneTimeCodeRow.person_id == person_id, OneTimeCodeRow.used_at.is_(None))
            .values(used_at=now)
        )
        return self._connection.execute(
            update(SessionRow)
            .where(SessionRow.person_id == person_id, SessionRow.revoked_at.is_(None))
            .values(revoked_at=now)
        ).rowcount

    def new_key(self, name: str, person_id: str, role: Role, now: datetime) -> str:
        """The key itself, shown once. Raises Conflict if the name is taken."""
        if self._connection.execute(select(ApiKeyRow.id).where(ApiKeyRow.name == name)).first():
            raise Conflict(
                f"There is an API key called {name} already.", remedy="Revoke it, or choose another name."
            )
        key = KEY_PREFIX + secrets.token_urlsafe(32)
        put(
            self._connection,
            ApiKeyRow,
            id=new_id(),
            name=name,
            hash=_hash(key),
            person_id=person_id,
            role=role.value,
            created_at=now,
        )
        return key

    def key(self, token: str, now: datetime) -> ApiKey:
        """Raises NotSignedIn for a key that is unknown or revoked. Notes its use once a minute."""
        row = self._connection.execute(
            select(ApiKeyRow.__table__).where(ApiKeyRow.hash == _hash(token))
        ).first()
        if row is None or row.revoked_at is not None:
            raise NotSignedIn(
                "This API key is not valid." if row is None else f"The API key {row.name} was revoked.",
                remedy="Make one with ./troupe api-key create NAME --role ROLE.",
            )
        return _key(row)

    def note_use(self, key: ApiKey, now: datetime) -> None:
        attempt(self._connection, ApiKeyRow, ApiKeyRow.id == key.id, values={"last_used_at": now})

    def keys(self) -> list[ApiKey]:
        query = select(ApiKeyRow.__table__).order_by(ApiKeyRow.created_at)
        return [_key(row) for row in self._connection.execute(query)]

    def revoke_key(self, name: str, now: datetime) -> None:
        alive = (ApiKeyRow.name == name, ApiKeyRow.revoked_at.is_(None))
        if not attempt(self._connection, ApiKeyRow, *alive, values={"revoked_at": now}):
            raise NotFound.named("API key", name, (k.name for k in self.keys() if k.revoked_at is None))

    def revoke_keys_of(self, person_id: str, now: datetime) -> int:
        """How many ended."""
        alive = (ApiKeyRow.person_id == person_id, ApiKeyRow.revoked_at.is_(None))
        ended = self._connection.execute(update(ApiKeyRow).where(*alive).values(revoked_at=now))
        return ended.rowcount


def _key(row: Any) -> ApiKey:
    return ApiKey(
        row.id, row.name, row.person_id, Role(row.role), row.created_at, row.last_used_at, row.revoked_at
    )
