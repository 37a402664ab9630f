"""Plain words in a channel or a thread: kept, and answered by the persona they are for. One way for every surface."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from agents.errors import Invalid
from agents.events import Subject
from agents.people import Person
from agents.personas.persona import Persona
from agents.talk.converse import owe_answers
from agents.talk.message import Message
from bot.calls import Place
from bot.parse import must_be_text
from bot.ports import Ports
from bot.slips import refuse_secrets

MESSAGE_LIMIT = 8000
"""Longest message, in characters: two pages."""


@dataclass(frozen=True, slots=True)
class Words:
    """external_id: the surface's own, of what was said there.  calls: whether Troupe itself was addressed.

    answer_in: how long an answer waits, while the surface fetches what was said before.
    """

    text: str
    person: Person
    place: Place
    at: datetime
    external_id: str = ""
    calls: bool = False
    answer_in: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Heard:
    message: Message
    answering: tuple[Persona, ...]
    """Who is going to answer."""


def hear(words: Words, ports: Ports, personas: Sequence[Persona] | None = None) -> Heard:
    """personas: all there are, where the caller has looked already.

    Raises Invalid for nothing, for too much, and for what looks like a secret."""
    text = words.text.strip()
    must_be_text(text)
    refuse_secrets(text)
    if not text:
        raise Invalid("There is nothing to say in that.")
    if len(text) > MESSAGE_LIMIT:
        raise Invalid(
            f"That is {len(text) - MESSAGE_LIMIT} characters too long; a message may have {MESSAGE_LIMIT}.",
            remedy="Shorten it, or say it in two messages.",
        )
    work, place = ports.work, words.place
    message = work.messages.say(
        place.channel, place.thread, words.person.actor, text, words.at, external_id=words.external_id
    )
    work.touch(Subject("channel", place.channel))
    if place.thread:
        work.touch(Subject.parse(place.thread))
    answering = owe_answers(
        message,
        words.person,
        work.personas.all() if personas is None else personas,
        work,
        called=words.calls,
        due_at=work.now + words.answer_in,
    )
    return Heard(message, tuple(answering))
