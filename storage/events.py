"""The append-only table of events, which is the audit trail as well."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, or_, select

from agents.events import Actor, Event, Subject
from storage.rows import put
from storage.tables import EventRow


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event as it stands in the trail."""

    id: int
    at: datetime
    event: Event
    correlation: str


class Events:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def record(self, event: Event, at: datetime, correlation: str) -> None:
        put(
            self._connection,
            EventRow,
            at=at,
            name=event.name,
            subject=str(event.subject),
            actor_kind=event.actor.kind,
            actor_id=event.actor.id,
            actor_name=event.actor.name,
            via=event.actor.via,
            before=dict(event.before),
            after=dict(event.after),
            refused=event.refused,
            correlation=correlation,
        )

    def about(self, subject: Subject, *, limit: int = 200, but: Collection[str] = ()) -> list[Recorded]:
        """Newest first.  but: names of events that are left out."""
        query = select(EventRow).where(EventRow.subject == str(subject), EventRow.name.not_in(but))
        return self._read(query.order_by(EventRow.id.desc()).limit(limit))

    def last(self, subject: Subject, name: str) -> Event | None:
        """None if there was none."""
        query = select(EventRow).where(EventRow.subject == str(subject), EventRow.name == name)
        found = self._read(query.order_by(EventRow.id.desc()).limit(1))
        return found[0].event if found else None

    def count(self, subject: Subject) -> int:
        """How many stand there about it: more than before, and it has changed."""
        return self._connection.execute(_COUNT, {"about": str(subject)}).scalar_one()

    def latest(
        self, *, limit: int = 50, before_id: int | None = None, actor: str = "", matching: str = ""
    ) -> list[Recorded]:
        """Newest first; `before_id` pages on.  matching: part of an event's name or subject."""
        query = select(EventRow).order_by(EventRow.id.desc()).limit(limit)
        if before_id is not None:
            query = query.where(EventRow.id < before_id)
        if actor:
            query = query.where(or_(EventRow.actor_id == actor, EventRow.actor_name == actor))
        if matching:
            query = query.where(
                or_(
                    EventRow.name.icontains(matching, autoescape=True),
                    EventRow.subject.icontains(matching, autoescape=True),
                )
            )
        return self._read(query)

    def after(self, id: int, *, limit: int = 500) -> list[tuple[int, Subject]]:
        """Which subjects changed since event `id`, oldest first: what a surface that missed the bell catches up on."""
        query = (
            select(EventRow.id, EventRow.subject).where(EventRow.id > id).order_by(EventRow.id).limit(limit)
        )
        return [(row.id, Subject.parse(row.subject)) for row in self._connection.execute(query)]

    def last_id(self) -> int:
        return (
            self._connection.execute(select(EventRow.id).order_by(EventRow.id.desc()).limit(1)).scalar() or 0
        )

    def _read(self, query: Any) -> list[Recorded]:
        return [
            _recorded(row) for row in self._connection.execute(query.with_only_columns(*EventRow.__table__.c))
        ]


def _recorded(row: Any) -> Recorded:
    actor = Actor(row.actor_kind, row.actor_id, row.actor_name, row.via)
    event = Event(row.name, Subject.parse(row.subject), actor, row.before, row.after, row.refused)
    return Recorded(row.id, row.at, event, row.correlation)


def subjects(recorded: Sequence[tuple[int, Subject]]) -> set[Subject]:
    return {subject for _, subject in recorded}


_COUNT = select(func.count()).where(EventRow.subject == bindparam("about"))
