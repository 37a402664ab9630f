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
from agents.tasks import questions, request, steer
from agents.tasks.steering import halts, lets_go_on
from bot.ask import asked
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
    """done: whether what was said was an order, and was done: work handed over, a task halted, a question answered."""

    message: Message
    answering: tuple[Persona, ...] = ()
    """Who is going to answer."""
    done: bool = False


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
    every = work.personas.all() if personas is None else personas
    if _ordered(words, text, every, ports):
        return Heard(message, done=True)
    due_at = work.now + words.answer_in
    answering = owe_answers(message, words.person, every, work, called=words.calls, due_at=due_at)
    return Heard(message, tuple(answering))


def _ordered(words: Words, text: str, personas: Sequence[Persona], ports: Ports) -> bool:
    """Whether it was an order. Raises Forbidden, Conflict or Invalid where that cannot be done, and nothing was heard then."""
    kind, _, id = words.place.thread.partition(":")
    match kind:
        case "task" if halts(text):
            steer.pause(id, words.person, ports.work)
        case "task" if lets_go_on(text):
            steer.resume(id, words.person, ports.work)
        case "question" if ports.work.questions.get(id).answered_at is None:
            questions.answer(id, words.person, text, ports.work)
        case "" | "message":
            return _handed_over(words, text, personas, ports)
        case _:
            return False
    return True


def _handed_over(words: Words, text: str, personas: Sequence[Persona], ports: Ports) -> bool:
    wish = asked(text, personas, called=words.calls)
    if wish is None:
        return False
    title = request.title_of(wish.brief[:1].upper() + wish.brief[1:])
    ask = request.Request(words.person, title, wish.brief, words.place.channel, asked_for=wish.persona)
    request.request(ask, ports.work)
    return True
