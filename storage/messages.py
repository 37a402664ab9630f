"""Channels, and what is said and shown in them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select

from agents.errors import Conflict, NotFound
from agents.events import TROUPE, Actor, Subject
from agents.talk.message import DIRECT, Channel, Message
from storage.columns import new_id
from storage.rows import attempt, one, put, put_unless_there
from storage.tables import IS_CARD, ChannelRow, MessageRow


class Channels:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, surface: str, name: str, now: datetime, *, external_id: str = "") -> Channel:
        """external_id: the platform's own; the name where the channel is our own. Raises Conflict if it exists."""
        external_id = external_id or name
        if self.known_as(surface, external_id):
            raise Conflict(f"There is a channel #{name} already.", remedy="Choose another name.")
        channel = Channel(new_id(), surface, name, external_id)
        put(self._connection, ChannelRow, **asdict(channel), created_at=now)
        return channel

    def get(self, id: str) -> Channel:
        return _channel(
            one(self._connection, _CHANNELS.where(ChannelRow.id == id), "There is no such channel.")
        )

    def known_as(self, surface: str, external_id: str) -> Channel | None:
        query = _CHANNELS.where(ChannelRow.surface == surface, ChannelRow.external_id == external_id)
        row = self._connection.execute(query).first()
        return _channel(row) if row else None

    def direct(self, person_id: str, now: datetime, *, surface: str = "console") -> Channel:
        """Where Troupe talks to one person alone on that surface; made when it is first needed.

        Elsewhere than in the console its external id is ours as well: the surface finds out which of theirs it is.
        """
        found = self.known_as(surface, DIRECT + person_id)
        if found is not None:
            return found
        channel = Channel(new_id(), surface, "direct", DIRECT + person_id)
        made = put_unless_there(self._connection, ChannelRow, **asdict(channel), created_at=now)
        return channel if made else self.direct(person_id, now, surface=surface)

    def by_name(self, surface: str, name: str) -> Channel:
        channels = [channel for channel in self.on(surface) if not channel.direct_to]
        for channel in channels:
            if channel.name == name.strip().removeprefix("#").lower():
                return channel
        raise NotFound.named("channel", name, (f"#{c.name}" for c in channels), field="channel")

    def on(self, surface: str) -> list[Channel]:
        query = _CHANNELS.where(ChannelRow.surface == surface).order_by(
            ChannelRow.created_at, ChannelRow.name
        )
        return [_channel(row) for row in self._connection.execute(query)]

    def of_team(self) -> list[Channel]:
        """Every channel of every surface in which the team can be told something, oldest first."""
        query = _CHANNELS.where(
            ChannelRow.closed == "", ChannelRow.external_id.not_like(f"{DIRECT}%")
        ).order_by(ChannelRow.created_at, ChannelRow.name)
        return [_channel(row) for row in self._connection.execute(query)]


class Messages:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def say(
        self,
        channel_id: str,
        thread: str,
        author: Actor,
        text: str,
        now: datetime,
        *,
        audience: str = "",
        done: bool = True,
    ) -> Message:
        """done: False for one that `grow` and `finish` go on with."""
        row = _row(channel_id, thread, author, text, now) | {"audience": audience, "done": done}
        result = self._connection.execute(insert(MessageRow).values(**row).returning(MessageRow.id))
        return Message(result.scalar_one(), channel_id, thread, author, text, now, None, audience, done)

    def grow(self, id: int, text: str) -> bool:
        """All that its author has written so far; False, and no change, once it is done."""
        return attempt(self._connection, MessageRow, *_unfinished(id), values={"text": text})

    def finish(self, id: int, author: Actor, text: str) -> bool:
        """Its last words, and whose they are in the end; False, and no change, if it was done before."""
        values = {**_said(author, text), "done": True}
        return attempt(self._connection, MessageRow, *_unfinished(id), values=values)

    def place(self, channel_id: str, card: Subject, now: datetime) -> bool:
        """A living card at the top of a channel; False if it stands there already."""
        row = _row(channel_id, "", TROUPE, "", now) | {"card": str(card)}
        return put_unless_there(self._connection, MessageRow, **row)

    def get(self, id: int) -> Message:
        query = select(MessageRow.__table__).where(MessageRow.id == id)
        return _message(one(self._connection, query, "There is no such message."))

    def hold(self, id: int) -> Message:
        """Nobody else holds it until this transaction ends (SQLite has one writer anyway)."""
        query = select(MessageRow.__table__).where(MessageRow.id == id).with_for_update()
        return _message(one(self._connection, query, "There is no such message."))

    def cards_of(self, card: Subject) -> list[Message]:
        """Every place where that card stands."""
        query = (
            select(MessageRow.__table__).where(MessageRow.card == str(card), IS_CARD).order_by(MessageRow.id)
        )
        return [_message(row) for row in self._connection.execute(query)]

    def in_channel(
        self, channel_id: str, person_id: str, *, limit: int = 50, before_id: int | None = None
    ) -> list[Message]:
        """The channel's top level as this person may see it, oldest first; the `limit` newest before `before_id`."""
        query = select(MessageRow.__table__).where(
            MessageRow.channel_id == channel_id,
            MessageRow.thread == "",
            MessageRow.audience.in_(["", person_id]),
        )
        if before_id is not None:
            query = query.where(MessageRow.id < before_id)
        rows = self._connection.execute(query.order_by(MessageRow.id.desc()).limit(limit)).all()
        return [_message(row) for row in reversed(rows)]

    def in_thread(
        self, thread: str, person_id: str = "", *, limit: int = 200, until: datetime | None = None
    ) -> list[Message]:
        """The newest `limit`, oldest first; a surface may hand in later what was said there earlier.

        until: of what was said then or before.
        """
        query = select(MessageRow.__table__).where(
            MessageRow.thread == thread, MessageRow.audience.in_(["", person_id])
        )
        if until is not None:
            query = query.where(MessageRow.at <= until)
        newest = query.order_by(MessageRow.at.desc(), MessageRow.id.desc())
        rows = self._connection.execute(newest.limit(limit)).all()
        return [_message(row) for row in reversed(rows)]

    def after(self, id: int, *, limit: int = 500) -> list[Message]:
        """All that was said anywhere since message `id`, oldest first: what a surface shows next."""
        query = select(MessageRow.__table__).where(MessageRow.id > id).order_by(MessageRow.id).limit(limit)
        return [_message(row) for row in self._connection.execute(query)]

    def last_id(self) -> int:
        return self._connection.execute(select(func.max(MessageRow.id))).scalar() or 0

    def thread_sizes(self, threads: list[str]) -> dict[str, int]:
        query = (
            select(MessageRow.thread, func.count().label("size"))
            .where(MessageRow.thread.in_(threads), MessageRow.audience == "")
            .group_by(MessageRow.thread)
        )
        return {row.thread: row.size for row in self._connection.execute(query)}


_CHANNELS = select(
    ChannelRow.id, ChannelRow.surface, ChannelRow.name, ChannelRow.external_id, ChannelRow.closed
)


def _row(channel_id: str, thread: str, author: Actor, text: str, now: datetime) -> dict[str, Any]:
    return {
        "channel_id": channel_id,
        "thread": thread,
        **_said(author, text),
        "card": "",
        "audience": "",
        "done": True,
        "at": now,
    }


def _said(author: Actor, text: str) -> dict[str, str]:
    return {"author_kind": author.kind, "author_id": author.id, "author_name": author.name, "text": text}


def _unfinished(id: int) -> tuple[ColumnElement[bool], ...]:
    return MessageRow.id == id, MessageRow.done.is_(False)


def _channel(row: Any) -> Channel:
    return Channel(row.id, row.surface, row.name, row.external_id, row.closed)


def _message(row: Any) -> Message:
    author = Actor(row.author_kind, row.author_id, row.author_name)
    card = Subject.parse(row.card) if row.card else None
    return Message(row.id, row.channel_id, row.thread, author, row.text, row.at, card, row.audience, row.done)
