"""The stage's own table. The rest of the product reaches it only as a platform, through its publisher."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Engine, delete, select

from agents.writing.content import Segment
from storage.rows import put
from storage.tables import StagePostRow

_SEGMENT = TypeAdapter(Segment)


@dataclass(frozen=True, slots=True)
class StagePost:
    key: str
    account_id: str
    author_name: str
    author_handle: str
    segment: Segment
    reply_to: str
    created_at: datetime


class Stage:
    """Each call is a transaction of its own, as it would be at an outside platform."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, post: StagePost) -> None:
        """The same key twice is one post."""
        with self._engine.begin() as connection:
            if connection.execute(select(StagePostRow.key).where(StagePostRow.key == post.key)).first():
                return
            values = {name: getattr(post, name) for name in _FIELDS}
            put(connection, StagePostRow, **values, content=asdict(post.segment))

    def get(self, key: str) -> StagePost | None:
        found = self._read(StagePostRow.key == key)
        return found[0] if found else None

    def remove(self, key: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(delete(StagePostRow).where(StagePostRow.key == key))

    def feed(self, *, limit: int = 50) -> list[StagePost]:
        """Newest first."""
        return self._read(limit=limit)

    def thread(self, key: str) -> list[StagePost]:
        """The post and what continues it, in order."""
        chain = [post] if (post := self.get(key)) else []
        while chain and (more := self._read(StagePostRow.reply_to == chain[-1].key)):
            chain.append(more[0])
        return chain

    def _read(self, *where: Any, limit: int = 1) -> list[StagePost]:
        query = (
            select(StagePostRow.__table__).where(*where).order_by(StagePostRow.created_at.desc()).limit(limit)
        )
        with self._engine.connect().execution_options(reading=True) as connection:
            return [
                StagePost(
                    **{name: getattr(row, name) for name in _FIELDS},
                    segment=_SEGMENT.validate_python(row.content),
                )
                for row in connection.execute(query)
            ]


_FIELDS = ("key", "account_id", "author_name", "author_handle", "reply_to", "created_at")
