"""The audit trail in words: who did what to which version, what was before and what is after."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from agents.errors import NotFound
from agents.events import Event, Subject
from agents.writing.length import clip
from bot.cards import Block, Button, Card, Field, Fields, Text, action, moment
from storage.events import Recorded
from storage.unit_of_work import UnitOfWork

VALUE = 120
"""Characters of one value that are shown; the whole is in the database."""
QUIET = frozenset({"fingerprint", "revision"})
"""What a person cannot read anything from."""
VERBS = {
    "action.changed": "did not do what had changed since its approval:",
    "action.done": "did",
    "action.dropped": "withdrew",
    "action.expired": "ended the unanswered request for",
    "action.failed": "could not do",
    "action.found": "found to have happened",
    "action.found_missing": "found not to have happened",
    "action.started": "began",
    "action.unknown": "cannot tell about",
    "alert.assigned": "gave somebody",
    "alert.came_back": "raised again",
    "alert.counted": "counted another failure to",
    "alert.drilled": "practised with",
    "alert.raised": "raised",
    "approval.escalated": "asked for a decision at half-time on",
    "approval.reminded": "reminded those who may decide about",
    "approval.voided": "made void what was approved of",
    "button.refused": "was refused a button",
    "command.refused": "was refused a command",
    "guest.asked": "was asked for entry by",
    "guest.let_in": "let in",
    "guest.recognised": "recognised",
    "guest.turned_away": "turned away",
    "group.ended": "let nobody in any more by",
    "group.set": "had people let in by",
    "message.refused": "was refused a message",
    "person.code_made": "made a one-time link for",
    "person.let_in": "let in",
    "person.linked": "linked an identity of",
    "person.role_changed": "changed the role of",
    "person.signed_out": "signed out everywhere",
    "person.zone_changed": "changed the time zone of",
    "persona.account_connected": "connected an account to",
    "persona.account_disconnected": "disconnected an account from",
    "persona.addressed": "spoke to a persona in",
    "message.finished": "finished",
    "persona.answered": "answered",
    "persona.answering": "began to answer",
    "persona.auto_approval_ended": "ended what was approved beforehand of",
    "persona.auto_approval_given": "approved beforehand posts of",
    "persona.policy_changed": "changed who decides about",
    "persona.routed": "routed the cards of",
    "post.asked_again": "asked again for approval of",
    "post.changes_requested": "asked for changes to",
    "post.expired": "ended the unanswered request for",
    "post.failed": "could not publish",
    "post.found_live": "found to be out",
    "post.missed": "missed the time of",
    "post.outcome_unknown": "cannot tell about",
    "post.publishing": "began to publish",
    "post.rate_limited": "has to wait with",
    "post.requested": "asked for",
    "post.take_down_failed": "could not take down",
    "post.taken_down": "took down",
    "post.taking_down": "began to take down",
    "post.versioned": "wrote a version of",
    "post.writing_again": "had written again",
    "post.writing_failed": "could not write",
    "session.ended": "signed out",
    "session.opened": "signed in",
    "task.accepted": "accepted the result of",
    "task.asked": "asked people about",
    "task.asked_again": "asked again about",
    "task.assigned": "found a persona for",
    "task.budget_raised": "raised the budget of",
    "task.changes_requested": "asked for changes to the result of",
    "task.checked": "ran a check for",
    "task.searched": "searched the web for",
    "task.due_soon": "told that it is due soon:",
    "task.expired": "ended the unanswered request about",
    "task.failed": "gave up",
    "task.given": "gave to another persona",
    "task.late": "told that it is late:",
    "task.let_go": "took its persona from",
    "task.money_is_back": "has money again for",
    "task.money_noticed": "told of the money of",
    "task.moved": "went on with",
    "task.plan_approved": "approved the plan of",
    "task.plan_changes_requested": "sent back the plan of",
    "task.requested": "asked for",
    "task.retried": "had tried again",
    "task.tidied": "removed the workspace of",
    "task.waiting": "has to wait with",
    "task.went_back": "went back with",
    "system.halted": "halted",
    "system.resumed": "let go on",
}
"""Where the event's own words would read badly; "post.approved" reads "approved post …" by itself."""


class Names(Protocol):
    """What ids stand for."""

    def of(self, subject: Subject) -> str: ...
    def words(self, value: str) -> str: ...


class KnownNames:
    """Looks each one up once."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        self._people = {person.id: person.name for person in work.people.everyone(removed=True)}
        self._personas = {persona.id: f"@{persona.handle}" for persona in work.personas.all()}

    def of(self, subject: Subject) -> str:
        match subject.kind:
            case "persona":
                return self._personas.get(subject.id, "a persona")
            case "person":
                return self._people.get(subject.id, "somebody")
            case "system":
                return "Troupe"
            case "alert":
                return self._alert(subject.id)
            case "guest":
                return self._guest(subject.id)
            case "task":
                return self._task(subject.id)
            case "action":
                return self._action(subject.id)
            case "answer":
                return f"message {subject.id.partition('-')[0]}"
            case _:
                return f"{subject.kind} {subject.id}"

    def words(self, value: str) -> str:
        return self._people.get(value) or self._personas.get(value) or value

    def _alert(self, id: str) -> str:
        try:
            return f"the alert “{clip(self._work.alerts.get(id).what, 60)}”"
        except NotFound:
            return f"alert {id}"

    def _task(self, id: str) -> str:
        try:
            return f"the task “{clip(self._work.tasks.get(id).title, 60)}”"
        except NotFound:
            return f"task {id}"

    def _action(self, id: str) -> str:
        try:
            return f"the step “{clip(self._work.actions.get(id).title, 60)}”"
        except NotFound:
            return f"step {id}"

    def _guest(self, id: str) -> str:
        try:
            guest = self._work.guests.get(id)
        except NotFound:
            return f"guest {id}"
        return f"{guest.name} of {guest.surface}"


def card(
    trail: Sequence[Recorded],
    names: Names,
    *,
    about: str = "",
    older: Button | None = None,
    title: str = "Audit trail",
) -> Card:
    """Newest first.  about: what it was narrowed to, in words.  older: pages on."""
    if not trail:
        return Card(f"Nothing{f' about {about}' if about else ' more'} in the audit trail")
    blocks: list[Block] = []
    for recorded in trail:
        facts = [Field("When", recorded.at), *changes(recorded.event, names)]
        blocks += [Text(sentence(recorded.event, names)), Fields(tuple(facts))]
    return Card(f"{title}{f' about {about}' if about else ''}", tuple(blocks), (older,) if older else ())


def older_button(last: Recorded, narrowed: str) -> Button:
    return Button("Older", action("audit.older", str(last.id), narrowed))


def sentence(event: Event, names: Names) -> str:
    """ "Alice approved post k3x… (version 2)"."""
    done = VERBS.get(event.name) or event.name.partition(".")[2].replace("_", " ")
    subject = names.of(event.subject)
    who = event.actor.name + (f" (API key {event.actor.via})" if event.actor.via else "")
    target = "" if event.name.startswith("session.") or event.name.endswith(".refused") else f" {subject}"
    version = event.after.get("version", event.before.get("version"))
    return f"{who} {done}{target}" + (f" (version {version})" if version else "")


def changes(event: Event, names: Names) -> Iterator[Field]:
    """ "role: viewer → editor", one for each thing that changed; why it was refused, if it was."""
    if event.refused:
        yield Field("refused", event.refused)
    for key in [*event.before, *(key for key in event.after if key not in event.before)]:
        if key in QUIET or key == "version":
            continue
        was, now = (_value(side, key, names) for side in (event.before, event.after))
        label = key.replace("_", " ").replace(".", ", ")
        if was and now and was != now:
            yield Field(label, f"{was} → {now}")
        elif now and was != now:
            yield Field(label, now)
        elif was and not now:
            yield Field(label, f"was {was}")


def _value(side: Mapping[str, Any], key: str, names: Names) -> str:
    return clip(_words(side[key], names), VALUE) if key in side else ""


def _words(value: Any, names: Names) -> str:
    match value:
        case None | "":
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case str():
            return names.words(_time(value))
        case list() | tuple():
            return ", ".join(_words(item, names) for item in value) or "nothing"
        case dict():
            return ", ".join(f"{name} {_words(item, names)}" for name, item in value.items())
        case _:
            return json.dumps(value)


def _time(text: str) -> str:
    """A moment as events hold it, as people read it; any other text as it is."""
    try:
        return moment(datetime.fromisoformat(text).astimezone(UTC)) if "T" in text[10:11] else text
    except ValueError:
        return text
