"""A stop sign under a task's card, or under what is said in its thread, halts the task. The same in every chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.errors import Repeated
from agents.events import Subject
from agents.talk.delivery import Delivery
from bot.cards import Card, action
from bot.chat.rooms import Room, known_channel, place_of

if TYPE_CHECKING:
    from bot.wiring import Troupe

SIGNS = frozenset({"🛑", "octagonal_sign", "stop_sign"})
"""As Discord and as Slack call it."""


def halt(troupe: Troupe, room: Room, user: str, message_id: str, *, once: str) -> Card | None:
    """Blocks on the database. What to tell whoever put it there, None for nothing: mostly the task's card says it.

    user, message_id: the chat's own.  once: its own id of this reaction, which may be told twice.
    """
    with troupe.storage.reading() as work:
        person = work.people.known_as(room.surface, user)
        channel = known_channel(room, person, work) if person else None
        delivery = work.deliveries.at(channel.id, message_id) if channel else None
    about = _task(delivery) if delivery else None
    if person is None or channel is None or about is None:
        return None
    pause = action("task.pause", about.id)
    answer = troupe.dispatcher.press(pause, person, place_of(channel, str(about)), once=once)
    told = answer.outcome if answer.error and not isinstance(answer.error, Repeated) else None
    return told if isinstance(told, Card) else None


def _task(delivery: Delivery) -> Subject | None:
    message = delivery.message
    about = message.card or (Subject.parse(message.thread) if message.thread else None)
    return about if about and about.kind == "task" else None
