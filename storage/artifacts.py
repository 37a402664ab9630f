"""What tasks made, what they stand on, and what personas remember."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, delete, func, insert, or_, select

from agents.tasks.artifact import Artifact, Note, Source
from storage.columns import new_id
from storage.rows import one, put
from storage.tables import ArtifactRow, NoteRow, SeenRow, SourceRow

_ARTIFACTS = select(*(ArtifactRow.__table__.c[f.name] for f in fields(Artifact)))
"""All but the bytes."""
NOTES_SHOWN = 50


class Artifacts:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, artifact: Artifact, data: bytes) -> None:
        """Takes the place of an earlier one with the same path."""
        same = (ArtifactRow.task_id == artifact.task_id, ArtifactRow.path == artifact.path)
        self._connection.execute(delete(ArtifactRow).where(*same))
        put(self._connection, ArtifactRow, **asdict(artifact), data=data)

    def get(self, id: str) -> Artifact:
        query = _ARTIFACTS.where(ArtifactRow.id == id)
        return _artifact(one(self._connection, query, "There is no such file."))

    def data(self, id: str) -> bytes:
        query = select(ArtifactRow.data).where(ArtifactRow.id == id)
        return bytes(one(self._connection, query, "There is no such file.")[0])

    def of_task(self, task_id: str) -> list[Artifact]:
        """By path."""
        query = _ARTIFACTS.where(ArtifactRow.task_id == task_id).order_by(ArtifactRow.path)
        return [_artifact(row) for row in self._connection.execute(query)]

    def forget(self, task_id: str) -> None:
        self._connection.execute(delete(ArtifactRow).where(ArtifactRow.task_id == task_id))


class Sources:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def cite(self, task_id: str, url: str, title: str, now: datetime) -> Source:
        """The same page keeps its number. Raises Raced when two are cited at the same moment."""
        here = (SourceRow.task_id == task_id, SourceRow.url == url)
        row = self._connection.execute(select(SourceRow.__table__).where(*here)).first()
        if row is not None:
            return _source(row)
        last = select(func.coalesce(func.max(SourceRow.number), 0)).where(SourceRow.task_id == task_id)
        source = Source(task_id, int(self._connection.execute(last).scalar_one()) + 1, url, title, now)
        put(self._connection, SourceRow, **asdict(source))
        return source

    def of_task(self, task_id: str) -> list[Source]:
        query = select(SourceRow.__table__).where(SourceRow.task_id == task_id).order_by(SourceRow.number)
        return [_source(row) for row in self._connection.execute(query)]

    def see(self, task_id: str, urls: Iterable[str]) -> None:
        """Addresses that it was shown; the same again is fine. Kept as checksums: an address may be longer than a key."""
        known = select(SeenRow.digest).where(SeenRow.task_id == task_id)
        new = {_digest(url) for url in urls} - set(self._connection.execute(known).scalars())
        if new:
            rows = [{"task_id": task_id, "digest": digest} for digest in sorted(new)]
            self._connection.execute(insert(SeenRow), rows)

    def seen(self, task_ids: Sequence[str], url: str) -> bool:
        """By any of these tasks."""
        here = (SeenRow.task_id.in_(task_ids), SeenRow.digest == _digest(url))
        return self._connection.execute(select(SeenRow.task_id).where(*here)).first() is not None

    def forget_seen(self, task_id: str) -> None:
        self._connection.execute(delete(SeenRow).where(SeenRow.task_id == task_id))


class Notes:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, persona_id: str, task_id: str, text: str, now: datetime) -> Note:
        note = Note(new_id(), persona_id, task_id, text, now)
        put(self._connection, NoteRow, **asdict(note))
        return note

    def find(self, persona_id: str, task_id: str, words: str) -> list[Note]:
        """The persona's own of this task and beyond it that have any of the words, newest first; all, for no words."""
        query = select(NoteRow.__table__).where(
            NoteRow.persona_id == persona_id, NoteRow.task_id.in_(("", task_id))
        )
        if wanted := words.split():
            query = query.where(or_(*(NoteRow.text.icontains(word, autoescape=True) for word in wanted)))
        rows = self._connection.execute(query.order_by(NoteRow.at.desc()).limit(NOTES_SHOWN))
        return [Note(row.id, row.persona_id, row.task_id, row.text, row.at) for row in rows]


def _artifact(row: Any) -> Artifact:
    return Artifact(**{f.name: getattr(row, f.name) for f in fields(Artifact)})


def _digest(url: str) -> str:
    return sha256(url.encode(errors="replace")).hexdigest()


def _source(row: Any) -> Source:
    return Source(row.task_id, row.number, row.url, row.title, row.accessed_at)
