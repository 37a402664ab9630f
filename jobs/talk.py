"""A persona's answer to what somebody said to it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from agents.errors import TroupeError
from agents.events import TROUPE, Actor, Event, Subject
from agents.oncall.alert import AlertKind
from agents.talk.converse import conversation
from agents.writing.draft import must_be_working
from bot.wiring import Troupe


def answer(troupe: Troupe, subject: Subject) -> None:
    """subject: "answer:MESSAGE-PERSONA". Answers once: a second run finds the event of the first."""
    message_id, _, persona_id = subject.id.partition("-")
    with troupe.storage.reading() as work:
        if work.events.about(subject):  # an earlier run said it
            return
        message = work.messages.get(int(message_id))
        persona = work.personas.get(persona_id)
        lines = conversation(message, persona, work)
    try:
        with troupe.storage.reading() as work:
            must_be_working(persona, work)
        now = troupe.clock().astimezone(ZoneInfo(persona.profile.zone))
        budget = troupe.storage.budget(persona, subject)
        text = troupe.writer(persona.profile).answer(persona.profile, lines, now, budget).text
        author = Actor("persona", persona.id, persona.name)
    except TroupeError as error:
        text, author = f"{persona.name} cannot answer now. {error}", TROUPE
    with troupe.storage.unit_of_work() as work:
        if work.events.about(subject):  # an earlier run said it
            return
        thread = message.thread or message.own_thread
        work.messages.say(message.channel_id, thread, author, text, work.now)
        work.record(Event("persona.answered", subject, author, after={"thread": thread}))
        work.touch(Subject.parse(thread))
        if author is TROUPE:
            work.raise_alert(
                AlertKind.WRITING_FAILED,
                Subject("persona", persona.id),
                f"@{persona.handle} could not answer in a channel: {text}",
                kept="What was said is kept.",
                remedy="Mend the cause, then say it again.",
            )
