"""Talking to a persona: somebody says its name, or writes in a thread of its own, and it answers in its voice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from agents.events import Event, Subject
from agents.jobs import JobName
from agents.people import Person
from agents.personas.persona import Persona, PersonaState
from agents.talk.message import Message
from agents.work import Work
from agents.writing.writer import Line

REMEMBERED = 30
"""Messages of a thread that a persona is shown."""
_MENTION = re.compile(r"(?<![\w@])@([a-z][a-z0-9_-]{1,29})", re.IGNORECASE)


def mentioned(text: str, personas: Iterable[Persona]) -> list[Persona]:
    """The active personas that are addressed, in the order of their names in the text."""
    by_handle = {p.handle: p for p in personas if p.state is PersonaState.ACTIVE}
    found = [by_handle[h.lower()] for h in _MENTION.findall(text) if h.lower() in by_handle]
    return list(dict.fromkeys(found))


def owe_answers(
    message: Message,
    by: Person,
    personas: Sequence[Persona],
    work: Work,
    *,
    called: bool = False,
    due_at: datetime | None = None,
) -> list[Persona]:
    """Who is to answer: whoever is addressed; in a thread, else, the persona that it is about or spoke there last.

    called: Troupe itself was addressed, so that somebody should answer: whoever is named, or whose cards come there.
    A persona never sets another one off: only people's words are answered, so no loop can begin.
    """
    addressed = mentioned(message.text, personas)
    if not addressed and message.thread:
        owner = _owner(message, personas, work)
        addressed = [owner] if owner else []
    if not addressed and called:
        addressed = _called(message, personas, work)
    for persona in addressed:
        work.owe(JobName.ANSWER, Subject("answer", f"{message.id}-{persona.id}"), due_at)
    if addressed:
        names = [f"@{p.handle}" for p in addressed]
        work.record(
            Event(
                "persona.addressed", Subject("message", str(message.id)), by.actor, after={"personas": names}
            )
        )
    return addressed


def _called(message: Message, personas: Sequence[Persona], work: Work) -> list[Persona]:
    """The one whose name comes first; else the only one whose cards come to that channel, or the only one there is."""
    active = [p for p in personas if p.state is PersonaState.ACTIVE]
    words = re.findall(r"[^\W_]+(?:[-_][^\W_]+)*", message.text.lower())
    named = [p for p in active if {p.handle, p.name.lower()} & set(words)]
    if named:
        return [
            min(named, key=lambda p: min(words.index(w) for w in {p.handle, p.name.lower()} & set(words)))
        ]
    at_home = [p for p in active if message.channel_id in work.personas.routes(p.id)]
    return next((found for found in (at_home, active) if len(found) == 1), [])


def conversation(message: Message, persona: Persona, work: Work) -> list[Line]:
    """What was said before in the same thread, oldest first, and the message itself last.

    By the time it was said at: a surface may hand in later what was said earlier. What is still being written is no
    part of it.
    """
    thread = message.thread or message.own_thread
    said = [*_first(thread, work), *work.messages.in_thread(thread, limit=REMEMBERED, until=message.at)]
    said = [m for m in said if m.done and m.text and (m.at, m.id) < (message.at, message.id)] + [message]
    return [Line(m.author.name, m.text, own=m.author.id == persona.id) for m in said]


def _first(thread: str, work: Work) -> list[Message]:
    """What the thread hangs under, where that is something somebody said to all."""
    about = Subject.parse(thread)
    first = work.messages.get(int(about.id)) if about.kind == "message" else None
    return [first] if first and not first.audience else []


def _owner(message: Message, personas: Sequence[Persona], work: Work) -> Persona | None:
    by_id = {p.id: p for p in personas if p.state is PersonaState.ACTIVE}
    for earlier in reversed(work.messages.in_thread(message.thread, limit=REMEMBERED)):
        if earlier.author.kind == "persona":
            return by_id.get(earlier.author.id)
    kind, _, id = message.thread.partition(":")
    if kind == "post":
        return by_id.get(work.posts.variant(id).persona_id)
    if kind == "task":
        return by_id.get(work.tasks.get(id).persona_id)
    return None
