"""How our messages stand on surfaces that keep their own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Integer, Select, and_, bindparam, delete, func, or_, select, update

from agents.events import Subject
from agents.talk.delivery import Delivery, DeliveryState
from agents.talk.message import DIRECT, Channel
from storage.messages import message_of
from storage.rows import attempt, put_unless_there
from storage.tables import (
    IS_CARD,
    ChannelRow,
    DeliveryRow,
    EventRow,
    MessageRow,
    ReceivedRow,
    UploadRow,
)

T = TypeVar("T")
_OWED = (DeliveryState.OWED.value, DeliveryState.SENDING.value)


class Deliveries:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, message_id: int) -> Delivery | None:
        return self._one(_OF_MESSAGE, message=message_id)

    def at(self, channel_id: str, external_id: str) -> Delivery | None:
        """The message that stands there under that id."""
        return self._one(_AT, channel=channel_id, stands_as=external_id)

    def root(self, channel_id: str, thread: str) -> Delivery | None:
        """The message in that channel under which the thread hangs."""
        kind, _, id = thread.partition(":")
        if kind == "message":
            found = self.get(int(id))
            return found if found and found.message.channel_id == channel_id else None
        return self._one(_CARD_IN, card_is=thread, channel=channel_id)

    def in_a_channel(self, card: Subject, surface: str) -> Delivery | None:
        """The card where more than one person sees it, if it stands in such a channel."""
        return self._one(_CARD_ON, card_is=str(card), on=surface)

    def owed(self, surface: str, now: datetime, *, limit: int = 500) -> list[tuple[int, str]]:
        """(message, channel) of those that are to be sent now, oldest first, what hangs in threads after what they hang under."""
        rows = self._connection.execute(_DUE, {"on": surface, "by_now": now, "most": limit})
        return [(row.message_id, row.channel_id) for row in rows]

    def showing(
        self, surface: str, subjects: Iterable[Subject], *, newer: bool = False
    ) -> list[tuple[int, str]]:
        """(message, channel) of those that stand there and show one of these.  newer: more happened since they were drawn."""
        texts = [str(subject) for subject in subjects]
        query, found = _SHOWING_OLD if newer else _SHOWING, set[tuple[int, str]]()
        for some in (texts[i : i + _MANY] for i in range(0, len(texts), _MANY)):
            ids = [int(s.partition(":")[2]) for s in some if s.startswith("message:") and s[8:].isdecimal()]
            length = _FEW if len(some) <= _FEW else _MANY
            cards, messages = _filled(some, "", length), _filled(ids, 0, length)
            rows = self._connection.execute(query, {"on": surface, "cards": cards, "messages": messages})
            found |= {(row.message_id, row.channel_id) for row in rows}
        return sorted(found)

    def behind(self, surface: str) -> list[tuple[int, str]]:
        """(message, channel) of those that may show what is no longer true: what a process looks after when it begins."""
        rows = self._connection.execute(_THERE.where(or_(DeliveryRow.live, _BEHIND)), {"on": surface})
        return [(row.message_id, row.channel_id) for row in rows]

    def hurry(self, surface: str, now: datetime) -> None:
        """What somebody was about to send is looked after at once: whoever it was is gone."""
        channels = select(ChannelRow.id).where(ChannelRow.surface == surface)
        self._connection.execute(
            update(DeliveryRow)
            .where(DeliveryRow.state == DeliveryState.SENDING.value, DeliveryRow.channel_id.in_(channels))
            .values(due_at=now)
        )

    def cards_in(self, channel_id: str, *, limit: int = 200) -> list[Subject]:
        """The newest cards that stand there."""
        query = (
            select(MessageRow.card)
            .join(DeliveryRow, DeliveryRow.message_id == MessageRow.id)
            .where(MessageRow.channel_id == channel_id, IS_CARD)
            .order_by(MessageRow.id.desc())
            .limit(limit)
        )
        return [Subject.parse(card) for card in self._connection.execute(query).scalars()]

    def move(self, delivery: Delivery, **values: Any) -> bool:
        """Compare-and-set on state and look; False if somebody else moved it meanwhile."""
        return attempt(
            self._connection,
            DeliveryRow,
            DeliveryRow.message_id == delivery.id,
            DeliveryRow.state == delivery.state.value,
            DeliveryRow.look == delivery.look,
            values=values,
        )

    def received(self, surface: str, key: str, now: datetime) -> bool:
        """Notes what came from there; False if it came before."""
        return put_unless_there(self._connection, ReceivedRow, surface=surface, key=key, at=now)

    def not_received(self, surface: str, keys: Sequence[str]) -> None:
        """As if it had never come: it is taken anew."""
        self._connection.execute(
            delete(ReceivedRow).where(ReceivedRow.surface == surface, ReceivedRow.key.in_(keys))
        )

    def forget_received(self, before: datetime) -> int:
        return self._connection.execute(delete(ReceivedRow).where(ReceivedRow.at < before)).rowcount

    def uploads(self, surface: str, sources: Sequence[str]) -> dict[str, str]:
        """The surface's own ids of our pictures, as far as they are there."""
        query = select(UploadRow.source, UploadRow.external_id).where(
            UploadRow.surface == surface, UploadRow.source.in_(sources)
        )
        return {row.source: row.external_id for row in self._connection.execute(query)}

    def uploaded(self, surface: str, source: str, external_id: str, now: datetime) -> None:
        put_unless_there(
            self._connection, UploadRow, surface=surface, source=source, external_id=external_id, at=now
        )

    def waiting_since(self, surface: str) -> datetime | None:
        """When the oldest message that is still owed there was said."""
        query = (
            select(func.min(MessageRow.at))
            .join(DeliveryRow, DeliveryRow.message_id == MessageRow.id)
            .join(ChannelRow, ChannelRow.id == DeliveryRow.channel_id)
            .where(DeliveryRow.state.in_(_OWED), ChannelRow.surface == surface, ChannelRow.closed == "")
        )
        return self._connection.execute(query).scalar()

    def _one(self, query: Select[*tuple[Any, ...]], **values: Any) -> Delivery | None:
        row = self._connection.execute(query, values).first()
        if row is None:
            return None
        channel = Channel(row.channel_id, row.surface, row.channel_name, row.channel_external_id)
        return Delivery(
            message_of(row),
            channel,
            row.external_id,
            DeliveryState(row.delivery_state),
            row.look,
            row.events,
            row.live,
            row.tries,
            row.due_at,
            row.trouble,
            row.back,
        )


_OURS = MessageRow.author_kind != "person"
"""What a person said there stands there in their own words, and is not ours to redraw."""
_BEHIND = and_(
    MessageRow.card != "",
    select(func.count())
    .select_from(EventRow)
    .where(EventRow.subject == MessageRow.card)
    .correlate(MessageRow)
    .scalar_subquery()
    > DeliveryRow.events,
)
"""More happened to what it shows than when it was drawn."""
_DELIVERIES = (
    select(
        MessageRow.__table__,
        DeliveryRow.external_id,
        DeliveryRow.state.label("delivery_state"),
        DeliveryRow.look,
        DeliveryRow.events,
        DeliveryRow.live,
        DeliveryRow.tries,
        DeliveryRow.due_at,
        DeliveryRow.trouble,
        DeliveryRow.back,
        ChannelRow.surface,
        ChannelRow.name.label("channel_name"),
        ChannelRow.external_id.label("channel_external_id"),
    )
    .join(DeliveryRow, DeliveryRow.message_id == MessageRow.id)
    .join(ChannelRow, ChannelRow.id == DeliveryRow.channel_id)
)
_OF_MESSAGE = _DELIVERIES.where(DeliveryRow.message_id == bindparam("message"))
_AT = _DELIVERIES.where(
    DeliveryRow.channel_id == bindparam("channel"), DeliveryRow.external_id == bindparam("stands_as")
)
_CARD_IN = _DELIVERIES.where(
    MessageRow.card == bindparam("card_is"), IS_CARD, MessageRow.channel_id == bindparam("channel")
)
_CARD_ON = _DELIVERIES.where(
    MessageRow.card == bindparam("card_is"),
    IS_CARD,
    ChannelRow.surface == bindparam("on"),
    ChannelRow.closed == "",
    ChannelRow.external_id.not_like(f"{DIRECT}%"),
    DeliveryRow.state == DeliveryState.SENT.value,
    DeliveryRow.external_id != "",
).order_by(DeliveryRow.message_id)
_PLACES = (
    select(DeliveryRow.message_id, DeliveryRow.channel_id)
    .join(MessageRow, MessageRow.id == DeliveryRow.message_id)
    .join(ChannelRow, ChannelRow.id == DeliveryRow.channel_id)
    .where(ChannelRow.surface == bindparam("on"), ChannelRow.closed == "")
)
_DUE = (
    _PLACES.where(DeliveryRow.state.in_(_OWED), DeliveryRow.due_at <= bindparam("by_now"))
    .order_by(MessageRow.thread != "", DeliveryRow.message_id)
    .limit(bindparam("most", type_=Integer))
)
_THERE = _PLACES.where(DeliveryRow.state == DeliveryState.SENT.value).order_by(DeliveryRow.message_id)
_SHOWING = _THERE.where(
    or_(
        and_(MessageRow.card.in_(bindparam("cards", expanding=True)), IS_CARD),
        and_(MessageRow.id.in_(bindparam("messages", expanding=True)), _OURS),
    )
)
_SHOWING_OLD = _SHOWING.where(_BEHIND)
_FEW, _MANY = 4, 100
"""Lengths of lists that are asked for: every connection keeps each length as a statement of its own, and long ones are large."""


def _filled(values: Sequence[T], nothing: T, length: int) -> list[T]:
    """nothing: what no row has."""
    return [*values, *[nothing] * (length - len(values))]
