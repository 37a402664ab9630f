"""Channels, and what is said and shown in them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, bindparam, func, insert, literal, select

from agents.errors import Conflict, NotFound
from agents.events import TROUPE, Actor, Subject
from agents.talk.delivery import DeliveryState
from agents.talk.message import DIRECT, Channel, Message
from storage.columns import Table, new_id
from storage.rows import attempt, one, put, put_unless_there
from storage.tables import IS_CARD, ChannelRow, DeliveryRow, MessageRow

CONSOLE = "console"
"""The surface that keeps no messages of its own."""


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
        row = self._connection.execute(_KNOWN_AS, {"on": surface, "as": external_id}).first()
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

    def close(self, id: str, reason: str) -> bool:
        """Nothing can be said there any more; False if that was known."""
        return attempt(
            self._connection,
            ChannelRow,
            ChannelRow.id == id,
            ChannelRow.closed == "",
            values={"closed": reason},
        )

    def open(self, id: str) -> bool:
        return attempt(
            self._connection, ChannelRow, ChannelRow.id == id, ChannelRow.closed != "", values={"closed": ""}
        )

    def rename(self, id: str, name: str) -> bool:
        """False if it is called so already."""
        return attempt(
            self._connection, ChannelRow, ChannelRow.id == id, ChannelRow.name != name, values={"name": name}
        )

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
        external_id: str = "",
    ) -> Message:
        """done: False for one that `grow` and `finish` go on with.  external_id: the surface's own, of what was said there."""
        row = _row(channel_id, thread, author, text, now) | {"audience": audience, "done": done}
        id = self._connection.execute(_SAY, row).scalar_one()
        message = Message(id, channel_id, thread, author, text, now, None, audience, done)
        self._stands(message, external_id)
        return message

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
        if not put_unless_there(self._connection, MessageRow, **row):
            return False
        placed = next(m for m in self.cards_of(card) if m.channel_id == channel_id)
        self._stands(placed, "")
        return True

    def _stands(self, message: Message, external_id: str) -> None:
        """In Slack and Discord it is owed, or came from there; the console draws from the messages themselves."""
        state = DeliveryState.SENT if external_id else DeliveryState.OWED
        values = {
            "message_id": message.id,
            "state": state.value,
            "external_id": external_id,
            "due_at": message.at,
        }
        where = {"in_channel": message.channel_id, "unless_at": CONSOLE}
        self._connection.execute(_DELIVERY, values | where)

    def get(self, id: int) -> Message:
        query = select(MessageRow.__table__).where(MessageRow.id == id)
        return message_of(one(self._connection, query, "There is no such message."))

    def hold(self, id: int) -> Message:
        """Nobody else holds it until this transaction ends (SQLite has one writer anyway)."""
        query = select(MessageRow.__table__).where(MessageRow.id == id).with_for_update()
        return message_of(one(self._connection, query, "There is no such message."))

    def cards_of(self, card: Subject) -> list[Message]:
        """Every place where that card stands."""
        query = (
            select(MessageRow.__table__).where(MessageRow.card == str(card), IS_CARD).order_by(MessageRow.id)
        )
        return [message_of(row) for row in self._connection.execute(query)]

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
        return [message_of(row) for row in reversed(rows)]

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
        return [message_of(row) for row in reversed(rows)]

    def after(self, id: int, *, limit: int = 500) -> list[Message]:
        """All that was said anywhere since message `id`, oldest first: what a surface shows next."""
        rows = self._connection.execute(_NEWER, {"than": id, "most": limit})
        return [message_of(row) for row in rows]

    def last_id(self) -> int:
        return self._connection.execute(select(func.max(MessageRow.id))).scalar() or 0

    def thread_sizes(self, threads: list[str]) -> dict[str, int]:
        query = (
            select(MessageRow.thread, func.count().label("size"))
            .where(MessageRow.thread.in_(threads), MessageRow.audience == "")
            .group_by(MessageRow.thread)
        )
        return {row.thread: row.size for row in self._connection.execute(query)}


_NEW = {"look": "", "events": 0, "live": False, "tries": 0, "trouble": "", "back": False}
_FILLED = ("message_id", "state", "external_id", "due_at")
_DELIVERY = insert(DeliveryRow).from_select(
    ["channel_id", *_FILLED, *_NEW],
    select(
        ChannelRow.id,
        *(bindparam(name, type_=DeliveryRow.__table__.c[name].type) for name in _FILLED),
        *(literal(value) for value in _NEW.values()),
    ).where(ChannelRow.id == bindparam("in_channel"), ChannelRow.surface != bindparam("unless_at")),
)
"""Built once, and one statement for whatever channel it is: most are the console's, and then nothing is inserted."""

_CHANNELS = select(
    ChannelRow.id, ChannelRow.surface, ChannelRow.name, ChannelRow.external_id, ChannelRow.closed
)
_KNOWN_AS = _CHANNELS.where(ChannelRow.surface == bindparam("on"), ChannelRow.external_id == bindparam("as"))
_SAY = insert(Table.metadata.tables[MessageRow.__tablename__]).returning(MessageRow.id)
_NEWER = (
    select(MessageRow.__table__)
    .where(MessageRow.id > bindparam("than"))
    .order_by(MessageRow.id)
    .limit(bindparam("most", type_=Integer))
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


def message_of(row: Any) -> Message:
    author = Actor(row.author_kind, row.author_id, row.author_name)
    card = Subject.parse(row.card) if row.card else None
    return Message(row.id, row.channel_id, row.thread, author, row.text, row.at, card, row.audience, row.done)
