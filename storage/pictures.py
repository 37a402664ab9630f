"""The bytes of pictures. Kept in the database, so that every host has them."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, Engine, select

from agents.errors import NotFound
from agents.writing.content import Picture
from storage.columns import new_id
from storage.rows import one, put
from storage.tables import PictureRow


class Pictures:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, data: bytes, kind: str, width: int, height: int, by: str, now: datetime) -> Picture:
        picture = Picture(new_id(), sha256(data).hexdigest(), kind, width, height, len(data))
        put(
            self._connection,
            PictureRow,
            id=picture.id,
            sha256=picture.sha256,
            kind=kind,
            width=width,
            height=height,
            size=len(data),
            data=data,
            created_by=by,
            created_at=now,
        )
        return picture

    def get(self, id: str) -> Picture:
        row = PictureRow
        query = select(row.id, row.sha256, row.kind, row.width, row.height, row.size).where(row.id == id)
        return Picture(*one(self._connection, query, "There is no such picture."))


class PictureBytes:
    """Reads bytes outside of any unit of work: for publishers, and for the page that serves them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def data(self, picture_id: str) -> bytes:
        return self.with_kind(picture_id)[0]

    def with_kind(self, picture_id: str) -> tuple[bytes, str]:
        """The bytes and their media type. Raises NotFound."""
        query = select(PictureRow.data, PictureRow.kind).where(PictureRow.id == picture_id)
        with self._engine.connect().execution_options(reading=True) as connection:
            row = connection.execute(query).first()
        if row is None:
            raise NotFound("There is no such picture.")
        return row.data, row.kind
