"""The stage's own table. The rest of the product reaches it only as a platform, through its publisher."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Engine, delete, select

from agents.writing.content import Segment
from storage.rows import put_unless_there
from storage.tables import AccountRow, PersonaRow, StagePostRow

_SEGMENT = TypeAdapter(Segment)


@dataclass(frozen=True, slots=True)
class StagePost:
    """One post as the public sees it; the author's name and handle are as they were when it went out."""

    key: str
    persona_id: str
    author_name: str
    author_handle: str
    segment: Segment
    reply_to: str
    created_at: datetime


class Stage:
    """Each call is a transaction of its own, as it would be at an outside platform."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, key: str, account_id: str, segment: Segment, reply_to: str, created_at: datetime) -> None:
        """The same key twice is one post."""
        author = (
            select(PersonaRow.profile)
            .join(AccountRow, AccountRow.persona_id == PersonaRow.id)
            .where(AccountRow.id == account_id)
        )
        with self._engine.begin() as connection:
            profile: dict[str, Any] = connection.execute(author).scalar_one()
            put_unless_there(
                connection,
                StagePostRow,
                key=key,
                account_id=account_id,
                author_name=profile["name"],
                author_handle=profile["handle"],
                content=asdict(segment),
                reply_to=reply_to,
                created_at=created_at,
            )

    def has(self, key: str) -> bool:
        return self.get(key) is not None

    def get(self, key: str) -> StagePost | None:
        found = self._read(StagePostRow.key == key, limit=1)
        return found[0] if found else None

    def remove(self, key: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(delete(StagePostRow).where(StagePostRow.key == key))

    def feed(self, *, limit: int = 50, before: datetime | None = None) -> list[StagePost]:
        """Newest first; `before` pages on."""
        where = [] if before is None else [StagePostRow.created_at < before]
        return self._read(*where, limit=limit)

    def thread(self, key: str) -> list[StagePost]:
        """The post and what continues it, in order."""
        chain = [post] if (post := self.get(key)) else []
        while chain and (more := self._read(StagePostRow.reply_to == chain[-1].key, limit=1)):
            chain.append(more[0])
        return chain

    def _read(self, *where: Any, limit: int) -> list[StagePost]:
        query = (
            select(StagePostRow.__table__, AccountRow.persona_id)
            .join(AccountRow, AccountRow.id == StagePostRow.account_id)
            .where(*where)
            .order_by(StagePostRow.created_at.desc())
            .limit(limit)
        )
        with self._engine.connect().execution_options(reading=True) as connection:
            return [
                StagePost(
                    key=row.key,
                    persona_id=row.persona_id,
                    author_name=row.author_name,
                    author_handle=row.author_handle,
                    segment=_SEGMENT.validate_python(row.content),
                    reply_to=row.reply_to,
                    created_at=row.created_at,
                )
                for row in connection.execute(query)
            ]
