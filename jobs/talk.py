"""A persona's answer to what somebody said to it: one message, which grows before people's eyes until it is done.

The message stands there before the model is asked, and the event beside it says which one it is: a run that follows a
crash goes on with it, and there is never a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from agents.errors import BudgetExhausted, TroupeError
from agents.events import TROUPE, Actor, Event, Subject
from agents.oncall.kinds import AlertKind
from agents.personas.persona import Persona
from agents.talk.converse import conversation
from agents.talk.message import Message
from agents.writing.draft import must_be_working, note_models
from bot.wiring import Troupe
from storage.unit_of_work import UnitOfWork

GROWS_EVERY = timedelta(seconds=0.7)
"""What is shown of an unfinished answer changes no more often: people read no faster, and chats allow about this much."""


@dataclass(frozen=True, slots=True)
class Asked:
    """subject: "answer:MESSAGE-PERSONA".  message: what somebody said to the persona."""

    subject: Subject
    message: Message
    persona: Persona

    @property
    def author(self) -> Actor:
        return Actor("persona", self.persona.id, self.persona.name)

    @property
    def thread(self) -> str:
        return self.message.thread or self.message.own_thread


class Growing:
    """Shows what there is of an answer so far, each time in a transaction of its own."""

    def __init__(self, message: Message, troupe: Troupe) -> None:
        self._message, self._troupe = message, troupe
        self._next: datetime | None = None

    def __call__(self, text: str) -> None:
        now = self._troupe.clock()
        if self._next is not None and now < self._next:
            return
        with self._troupe.storage.unit_of_work() as work:
            if work.messages.grow(self._message.id, text):
                work.touch(self._message.subject)
        self._next = now + GROWS_EVERY


def answer(troupe: Troupe, subject: Subject) -> None:
    """Answers once, whatever it comes to: a second run finds the event of the first."""
    with troupe.storage.reading() as work:
        if _is_answered(subject, work):
            return
        asked = _asked(subject, work)
        lines = conversation(asked.message, asked.persona, work)
    try:
        with troupe.storage.reading() as work:
            must_be_working(asked.persona, work)
        with troupe.storage.unit_of_work() as work:
            message = _begin(asked, work)
        profile = asked.persona.profile
        now = troupe.clock().astimezone(ZoneInfo(profile.zone))
        budget = troupe.storage.budget(asked.persona, subject)
        tell = Growing(message, troupe)
        answered = troupe.writer(profile).answer(profile, lines, now, budget, tell)
    except TroupeError as error:
        with troupe.storage.unit_of_work() as work:
            spent = isinstance(error, BudgetExhausted)
            _fail(asked, str(error), work, AlertKind.BUDGET_EXHAUSTED if spent else AlertKind.WRITING_FAILED)
        return
    with troupe.storage.unit_of_work() as work:
        if _end(asked, asked.author, answered.text, work):
            note_models(asked.persona.subject, asked.persona, answered.usage, "answered", work)


def give_up(id: str, why: str, work: UnitOfWork) -> None:
    """Answering stumbled over something unforeseen, again and again."""
    subject = Subject("answer", id)
    if not _is_answered(subject, work):
        _fail(_asked(subject, work), why, work)


def _asked(subject: Subject, work: UnitOfWork) -> Asked:
    message_id, _, persona_id = subject.id.partition("-")
    return Asked(subject, work.messages.get(int(message_id)), work.personas.get(persona_id))


def _is_answered(subject: Subject, work: UnitOfWork) -> bool:
    return any(recorded.event.name == "persona.answered" for recorded in work.events.about(subject))


def _begun(subject: Subject, work: UnitOfWork) -> Message | None:
    """What an earlier run said, or began to say."""
    events = [recorded.event for recorded in work.events.about(subject)]
    begun = next((event for event in events if event.name == "persona.answering"), None)
    return work.messages.get(begun.after["message"]) if begun else None


def _begin(asked: Asked, work: UnitOfWork) -> Message:
    """The message that is going to be the answer, still without a word."""
    work.messages.hold(asked.message.id)  # or two workers at once might each find that nobody had begun
    if (begun := _begun(asked.subject, work)) is not None:
        return begun
    return _say(asked, asked.author, "", work, done=False)


def _say(asked: Asked, author: Actor, text: str, work: UnitOfWork, *, done: bool) -> Message:
    channel = asked.message.channel_id
    message = work.messages.say(channel, asked.thread, author, text, work.now, done=done)
    after = {"thread": asked.thread, "message": message.id}
    work.record(Event("persona.answering", asked.subject, asked.author, after=after))
    work.touch(Subject("channel", channel))
    work.touch(Subject.parse(asked.thread))
    return message


def _end(asked: Asked, author: Actor, text: str, work: UnitOfWork) -> bool:
    """The last words. False if an earlier run, or another worker, said them."""
    work.messages.hold(asked.message.id)
    if _is_answered(asked.subject, work):
        return False
    message = _begun(asked.subject, work)
    if message is None:
        message = _say(asked, author, text, work, done=True)
    elif not work.messages.finish(message.id, author, text):
        return False
    after = {"thread": asked.thread, "message": message.id}
    work.record(Event("persona.answered", asked.subject, author, after=after))
    work.record(Event("message.finished", message.subject, author))
    work.touch(Subject.parse(asked.thread))
    return True


def _fail(asked: Asked, why: str, work: UnitOfWork, kind: AlertKind = AlertKind.WRITING_FAILED) -> None:
    """The answer says why there is none, in Troupe's name."""
    persona = asked.persona
    text = f"{persona.name} cannot answer now. {why}"
    if _end(asked, TROUPE, text, work):
        work.raise_alert(
            kind,
            persona.subject,
            f"@{persona.handle} could not answer in a channel: {text}",
            kept="What was said is kept.",
            remedy="Mend the cause, then say it again.",
            persona_id=persona.id,
        )
